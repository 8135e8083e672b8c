// An OpenID provider on this machine: real keys, real flows, people who are whom they say they are.
//   node provider.mjs CERTIFICATE KEY CLIENT_ID REDIRECT_URI
// Prints its issuer as soon as it can be asked.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const [certificate, key, clientId, redirectUri] = process.argv.slice(2);
const jwk = (name, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), kid: name, use: "sig",
});
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.listen(0, "127.0.0.1", () => {
  const issuer = `https://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [clientId, `${clientId}.other`].map((client_id) => ({
      client_id,
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "none",
    })),
    jwks: { keys: [jwk("rsa", "rsa", { modulusLength: 2048 }), jwk("ec", "ec", { namedCurve: "P-256" })] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: !id.includes("unproven"), name: `${id} of the provider` }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
