"""Every rule of loading, broken once: what is said, and at which line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect import load
from tokenhouse.written import Problems

BROKEN = [
    (
        "a key that is close to one",
        {"head": ["accept", "acept"]},
        ["4:1: TH-D002 unknown key 'acept' (did you mean \"accept\"?)"],
    ),
    (
        "a nested key",
        {"head": ["ttl  =", "tll  ="]},
        ["5:9: TH-D004 ttl is missing", "7:1: TH-D002 unknown key 'tll' (did you mean \"ttl\"?)"],
    ),
    (
        "a key of a later version",
        {"head": ['ttl  = "1h"', 'ttl  = "1h"\nwhen = "true"']},
        ["8:1: TH-D005 when is not supported by this version yet"],
    ),
    (
        "a table of a later version",
        {"more": '[proof.sign]\ngiven = "header.sign"\n'},
        ["15:2: TH-D005 proof is not supported by this version yet"],
    ),
    ("a wrong kind", {"head": ['"Demo"', "1"]}, ["3:1: TH-D003 title takes text"]),
    (
        "a boolean where an integer belongs",
        {"more": "[session]\nlimit = true\n"},
        ["16:1: TH-D003 limit takes an integer"],
    ),
    ("a newer language", {"head": ['"1"', '"2"']}, ["1:12: TH-D006 this server reads the language up to 1.0"]),
    ("no version", {"head": ['"1"', '"one"']}, ['1:12: TH-D007 the version of the language ("1")']),
    ("another file's name", {"head": ['"demo"', '"other"']}, ["2:12: TH-D007 the name is that of the file, 'demo'"]),
    (
        "a name that is none",
        {"head": ['"demo"', '"De mo"']},
        [
            "2:12: TH-D007 a name has lower-case letters, digits and hyphens",
            "2:12: TH-D007 the name is that of the file, 'demo'",
        ],
    ),
    (
        "braces in an expression",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "{{ json.a }}"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D011 an expression stands here without braces (remove {{ and }})"],
    ),
    (
        "an unknown name",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokns.access }}" }\'\n'
        },
        ["11:31: TH-D012 unknown name 'tokns' (did you mean \"tokens\"?)"],
    ),
    (
        "an unknown token",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.acces }}" }\'\n'
        },
        ["11:31: TH-D012 the contract has no token 'acces' (did you mean \"access\"?)"],
    ),
    (
        "an unknown fact of a token",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "answer.json = '{ \"token\": {{ tokens.access.expire_in }} }'\n"
        },
        ["11:30: TH-D012 a token has no 'expire_in' (did you mean \"expires_in\"?)"],
    ),
    (
        "an unknown fact",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ client.nme }}" }\'\n'
        },
        ["11:31: TH-D012 client has no 'nme' (did you mean \"name\"?)"],
    ),
    (
        "a secret",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ client.secret }}" }\'\n'
        },
        ["11:31: TH-D012 client has no 'secret' (known: id, name)"],
    ),
    (
        "a name that is not visible yet",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "user.id"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D012 user cannot be seen while the request is read"],
    ),
    (
        "a place of a later version",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "cookie.sid"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D005 cookie is not supported by this version yet"],
    ),
    (
        "a place without a field",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "auth"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D012 auth needs the name of a field (auth.name)"],
    ),
    (
        "an unknown part of the request",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "request.pth"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D012 request has no 'pth' (did you mean \"path\"?)"],
    ),
    (
        "an unknown function",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "json.a | lowr"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ['11:19: TH-D013 unknown function lowr (did you mean "lower"?)'],
    ),
    (
        "a function of a later version",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "uuid()"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D005 the function uuid is not supported by this version yet"],
    ),
    (
        "a broken expression",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "json.a |"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D010 not an expression: unexpected end of template, expected 'name'."],
    ),
    (
        "an expression that is a number",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "let.a = 1\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:5: TH-D003 an expression is a text"],
    ),
    (
        "a name of the language as one's own",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.json = "now"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:5: TH-D007 'json' cannot be a name of your own"],
    ),
    (
        "bytes in text",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ request.body | sha256 }}" }\'\n'
        },
        ["11:30: TH-D014 bytes in text: write `| hex`, `| base64` or `| base64url`"],
    ),
    (
        "a list in text",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ granted.scope }}" }\'\n'
        },
        ["11:30: TH-D014 a list in text: write `| join(' ')`"],
    ),
    (
        "a time as a value",
        {
            "operation": '[operation.token]\nroute = "POST /token"\ndoes  = "client_credentials"\nanswer.json = \'{ "token": {{ now }} }\'\n'
        },
        ["11:29: TH-D014 a time in JSON: write `| epoch`, `| epoch_ms` or `| iso8601`"],
    ),
    (
        "a node that the language does not have",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'let.a = "(1, 2)"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:10: TH-D015 the language has no tuples; write a list"],
    ),
    (
        "a body that is no JSON",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "answer.json = '''\n"
            "{\n"
            '  "a": 1,\n'
            '  "b" 2\n'
            "}'''\n"
        },
        ["14:7: TH-D020 this is no JSON: expected ':', found '2'"],
    ),
    (
        "a key twice",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "answer.json = '''\n"
            "{\n"
            '  "a": 1,\n'
            '  "a": 2\n'
            "}'''\n"
        },
        ["14:3: TH-D021 the key 'a' occurs twice"],
    ),
    (
        "a loop over text",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "answer.json = '[ {{ for x in user.name }} 1 ]'\n"
        },
        ["11:30: TH-D022 for needs a list, not text"],
    ),
    (
        "a loop that is none",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "answer.json = '[ {{ for x of user.name }} 1 ]'\n"
        },
        ["11:20: TH-D022 a loop is written {{ for x in list }}"],
    ),
    (
        "a body that is no XML",
        {
            "operation": "[operation.token]\nroute = \"POST /token\"\ndoes  = \"client_credentials\"\nanswer.xml = '''\n<a>\n  <b></a>'''\n"
        },
        ["13:8: TH-D020 this is no XML: mismatched tag"],
    ),
    (
        "a body that is no form",
        {"operation": '[operation.token]\nroute = "POST /token"\ndoes  = "client_credentials"\nanswer.form = \'a\'\n'},
        ["11:16: TH-D020 a form is written a={{ x }}&b={{ y }}"],
    ),
    (
        "a hole that is not closed",
        {
            "operation": '[operation.token]\nroute = "POST /token"\ndoes  = "client_credentials"\nanswer.json = \'{ "a": {{ now }\'\n'
        },
        ["11:23: TH-D011 {{ is not closed (}})"],
    ),
    (
        "an unknown role",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'read.devise = "json.d"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D033 unknown role 'devise' (did you mean \"device\"?)"],
    ),
    (
        "a role of a later version",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'read.otp = "json.d"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D005 the role otp is not supported by this version yet"],
    ),
    (
        "a user's role in the common read",
        {"head": ["[tokens.access]", '[read]\npassword = "json.p"\n[tokens.access]']},
        ["6:1: TH-D033 password belongs to an operation, not to the common [read]"],
    ),
    (
        "a role that the operation does not use",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'read.password = "json.p"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D033 client_credentials does not use the role password"],
    ),
    (
        "an unknown operation",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credential"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["10:10: TH-D007 unknown value 'client_credential' (did you mean \"client_credentials\"?)"],
    ),
    (
        "an operation of a later version",
        {
            "operation": '[operation.token]\nroute = "POST /token"\ndoes  = "continue"\nanswer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["10:10: TH-D005 'continue' is not supported by this version yet"],
    ),
    (
        "an operation without its roles",
        {
            "operation": '[operation.token]\nroute = "POST /token"\ndoes  = "password"\nanswer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        [
            "10:1: TH-D032 password needs one of the roles username, email, phone, user_id, login (read.login)",
            "10:1: TH-D032 password needs the role password (read.password)",
        ],
    ),
    (
        "a refresh without a token",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "refresh_token"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["10:1: TH-D032 refresh_token needs the role token (read.token)"],
    ),
    (
        "a secret in the address",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "refresh_token"\n'
            'read.token = "query.t"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D034 token in the address needs `url_secrets = true`"],
    ),
    (
        "a secret in the address, through let",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "refresh_token"\n'
            'let.t = "query.t"\n'
            'read.token = "t | trim"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["12:6: TH-D034 token in the address needs `url_secrets = true`"],
    ),
    (
        "a body that is not accepted",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "refresh_token"\n'
            'read.token = "xml.t"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D035 xml.… is read, but `accept` has no xml"],
    ),
    (
        "a route that is none",
        {
            "operation": "[operation.token]\n"
            'route = "POST token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["9:10: TH-D031 not a route: 'POST token' (\"POST /path/{variable}\")"],
    ),
    (
        "a method that is none",
        {
            "operation": "[operation.token]\n"
            'route = "POST|FETCH /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["9:10: TH-D031 unknown method FETCH (one of: DELETE, GET, PATCH, POST, PUT)"],
    ),
    (
        "two operations that nothing tells apart",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "[operation.other]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["13:1: TH-D030 no call of POST /token gets past the operation token (match, or another order)"],
    ),
    (
        "an operation behind a wider one",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "[operation.other]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'match.json.a = "1"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["13:1: TH-D030 no call of POST /token gets past the operation token (match, or another order)"],
    ),
    (
        "routes whose variables overlap",
        {
            "operation": "[operation.token]\n"
            'route = "POST /a/{x}/c"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "[operation.other]\n"
            'route = "POST /a/b/{y}"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["13:1: TH-D031 /a/b/{y} and /a/{x}/c fit the same calls"],
    ),
    (
        "a variable that the route does not have",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token/{x}"\n'
            'does  = "client_credentials"\n'
            'read.device = "path.y"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D031 the route has no variable 'y'"],
    ),
    (
        "a small token form",
        {"head": ["{hex:64}", "{hex:32}"]},
        ["6:9: TH-D040 this form carries 128 bits; a token must carry 256 (64 characters of this alphabet or more)"],
    ),
    (
        "a token form of 122 bits",
        {"head": ["{hex:64}", "{uuid}"]},
        ["6:9: TH-D040 {uuid} carries 122 bits; a token must carry 256, such as {hex:64}"],
    ),
    ("an unknown form", {"head": ["{hex:64}", "{hx:64}"]}, ['6:9: TH-D040 unknown form {hx} (did you mean "hex"?)']),
    (
        "an expression in a token form",
        {"head": ["{hex:64}", "{{ client.id }}{hex:64}"]},
        ["6:9: TH-D005 expressions in a token form are not supported by this version yet"],
    ),
    (
        "a duration that is none",
        {"head": ['"1h"', '"1 hour"']},
        ['7:9: TH-D007 not a duration: \'1 hour\' ("90s" "30m" "12h" "14d" "never")'],
    ),
    (
        "a token without a use",
        {"more": '[tokens.extra]\nform = "{hex:64}"\nttl = "1h"\n'},
        ["15:9: TH-D004 the token extra needs `use` (one of: access, refresh)"],
    ),
    (
        "a use of a later version",
        {"more": '[tokens.extra]\nuse = "once"\nform = "{hex:64}"\nttl = "1h"\n'},
        ["16:8: TH-D005 'once' is not supported by this version yet"],
    ),
    (
        "claims of an opaque token",
        {"head": ['ttl  = "1h"', 'ttl  = "1h"\nclaims = "{}"']},
        ['8:1: TH-D041 claims belongs to form = "jwt"'],
    ),
    ("a jwt without claims", {"head": ["{hex:64}", "jwt"]}, ["5:9: TH-D041 a jwt needs `claims`"]),
    (
        "a jwt without exp",
        {"head": ['form = "{hex:64}"', 'form = "jwt"\nclaims = \'{ "iss": "{{ server.issuer }}" }\'']},
        ['7:1: TH-D041 exp is missing ("exp": {{ token.expires_at | epoch }})'],
    ),
    (
        "a jwt of another issuer",
        {
            "head": [
                'form = "{hex:64}"',
                'form = "jwt"\nclaims = \'{ "iss": "https://other.example", "exp": {{ token.expires_at | epoch }} }\'',
            ]
        },
        ["7:11: TH-D041 iss says what was granted: it must be {{ server.issuer }}"],
    ),
    (
        "a jwt whose issuer is sometimes missing",
        {
            "head": [
                'form = "{hex:64}"',
                'form = "jwt"\nclaims = \'{ {{ if client.id }} "iss": "{{ server.issuer }}", "exp": {{ token.expires_at | epoch }} }\'',
            ]
        },
        ["7:42: TH-D041 iss says what was granted: it must be {{ server.issuer }}"],
    ),
    (
        "a jwt with another issuer before its own",
        {
            "head": [
                'form = "{hex:64}"',
                (
                    'form = "jwt"\n'
                    'claims = \'{ {{ if client.id }} "iss": "https://other.example", "iss": "{{ server.issuer }}", "exp": {{ token.expires_at | '
                    "epoch }} }'"
                ),
            ]
        },
        ["7:11: TH-D041 iss says what was granted: it must be {{ server.issuer }}"],
    ),
    (
        "a jwt with more scope than granted",
        {
            "head": [
                'form = "{hex:64}"',
                'form = "jwt"\nclaims = \'{ "iss": "{{ server.issuer }}", "exp": {{ token.expires_at | epoch }}, "scope": ["admin"] }\'',
            ]
        },
        ["7:11: TH-D041 scope says what was granted: it must be {{ granted.scope }}"],
    ),
    (
        "a jwt that lives longer",
        {
            "head": [
                'form = "{hex:64}"',
                'form = "jwt"\nclaims = \'{ "iss": "{{ server.issuer }}", "exp": {{ token.expires_at + hours(1) | epoch }} }\'',
            ]
        },
        [
            "7:52: TH-D041 exp says what was granted: it must be {{ token.expires_at | epoch }}",
            "7:83: TH-D014 epoch takes time, not duration ('2020-05-08T12:00:00Z' | from_iso8601 | epoch)",
        ],
    ),
    (
        "claims with computed names",
        {
            "head": [
                'form = "{hex:64}"',
                'form = "jwt"\nclaims = \'{ "iss": "{{ server.issuer }}", "exp": {{ token.expires_at | epoch }}, "{{ client.id }}": 1 }\'',
            ]
        },
        ["7:1: TH-D041 the names of claims are literal"],
    ),
    (
        "claims that are no object",
        {"head": ['form = "{hex:64}"', 'form = "jwt"\nclaims = "[1]"']},
        ["7:11: TH-D020 header and claims are JSON objects"],
    ),
    (
        "claims that are no JSON",
        {"head": ['form = "{hex:64}"', 'form = "jwt"\nclaims = "{"']},
        ["7:12: TH-D020 this is no JSON: expected a key in double quotes, found 'the end'"],
    ),
    (
        "an algorithm that is none",
        {
            "head": [
                'form = "{hex:64}"',
                'alg = "none"\nform = "jwt"\nclaims = \'{ "iss": "{{ server.issuer }}", "exp": {{ token.expires_at | epoch }} }\'',
            ]
        },
        ["6:8: TH-D007 unknown value 'none' (one of: ES256, RS256)"],
    ),
    (
        "no default row",
        {"errors": "[errors]\njson = '{}'\n"},
        ["12:2: TH-D050 a row `default` is missing (default = { status = 400 })"],
    ),
    (
        "a variable that no body uses",
        {"errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no", text = "x" }\n'},
        ["14:13: TH-D051 no body uses error.code"],
    ),
    (
        "a variable that a row lacks",
        {"errors": '[errors]\njson = \'{ "error": "{{ error.text }}" }\'\ndefault = {  }\n'},
        [
            "13:24: TH-D051 the row default has no variable 'text' (known: cause, status, reason, field, fields, description, retry_after, id)"
        ],
    ),
    (
        "a variable that is built in",
        {"errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no", field = "x" }\n'},
        ["14:26: TH-D007 field is built in: choose another name", "14:26: TH-D051 no body uses error.field"],
    ),
    (
        "a variable that is a table",
        {"errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = { a = 1 } }\n'},
        ["14:13: TH-D003 a variable is a text, an integer, true, false or a list"],
    ),
    (
        "an unknown cause",
        {
            "errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\nbad_clint = { code = "x" }\n'
        },
        ["15:1: TH-D002 unknown cause 'bad_clint' (did you mean \"bad_client\"?)"],
    ),
    (
        "a cause that is never told",
        {
            "errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\nunknown_user = { code = "x" }\n'
        },
        ["15:1: TH-D052 unknown_user is never told; bad_credentials speaks for it"],
    ),
    (
        "a cause that nothing ends with",
        {
            "errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\nbad_credentials = { code = "x" }\n'
        },
        ["15:1: TH-D052 no operation here can end with bad_credentials"],
    ),
    (
        "a cause of a later version",
        {
            "errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\nstale = { code = "x" }\n'
        },
        ["15:1: TH-D005 the cause stale is not supported by this version yet"],
    ),
    (
        "an own cause",
        {
            "errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\nx_mine = { code = "x" }\n'
        },
        ["15:1: TH-D005 the cause x_mine is not supported by this version yet"],
    ),
    (
        "cookies of an error",
        {
            "errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\ncookies = ["a=b"]\n'
        },
        ["15:1: TH-D005 cookies is not supported by this version yet"],
    ),
    (
        "a status of an error that is a list",
        {"errors": '[errors]\njson = \'{ "error": "{{ error.code }}" }\'\ndefault = { code = "no" }\nstatus = [1]\n'},
        ["15:1: TH-D003 status takes an integer or an expression"],
    ),
    (
        "account data in an error",
        {"errors": '[errors]\njson = \'{ "error": "{{ user.id }}" }\'\ndefault = { code = "no" }\n'},
        ["13:24: TH-D012 user cannot be seen in an error row", "14:13: TH-D051 no body uses error.code"],
    ),
    (
        "no answer that always applies",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "[[operation.token.answer]]\n"
            "when = \"client.id == 'a'\"\n"
            "json = '{}'\n"
        },
        ["11:19: TH-D060 the last answer has no `when`, so that one always applies"],
    ),
    (
        "an answer that is never said",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "[[operation.token.answer]]\n"
            "json = '{}'\n"
            "[[operation.token.answer]]\n"
            "json = '[]'\n"
        },
        ["11:19: TH-D060 an answer behind one without `when` is never said"],
    ),
    (
        "a token that the answer does not carry",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "issues = []\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        [
            "12:30: TH-D061 this answer carries no token 'access' (issues, or {{ if tokens.access }} before it, or `or omit`)"
        ],
    ),
    (
        "a token to be made that is none",
        {
            "operation": '[operation.token]\nroute = "POST /token"\ndoes  = "client_credentials"\nissues = ["acces"]\nanswer.json = "{}"\n'
        },
        ["11:12: TH-D007 unknown value 'acces' (did you mean \"access\"?)"],
    ),
    (
        "an example that leads nowhere",
        {"more": "[[example]]\nname = 'a'\nrequest = '''\nPOST /other\n'''\nanswer = '200'\n"},
        ["18:6: TH-D070 no route leads to /other"],
    ),
    (
        "an example that is none",
        {"more": "[[example]]\nname = 'a'\nrequest = 'hello'\nanswer = 'ok'\nat = 'noon'\nafter = 'b'\n"},
        [
            "17:12: TH-D070 a request begins with METHOD /path, not 'hello'",
            "18:11: TH-D070 an answer begins with a status, not 'ok'",
            "19:1: TH-D070 at is a time (2020-05-08T08:16:18Z)",
            "20:1: TH-D070 no example 'b'",
        ],
    ),
    (
        "an example with a line that is no header",
        {"more": "[[example]]\nname = 'a'\nrequest = 'POST /token'\nanswer = '''\n200\nno header\n'''\n"},
        ["20:1: TH-D070 no header: 'no header' (an empty line before the body)"],
    ),
    (
        "an example twice",
        {
            "more": "[[example]]\n"
            "name = 'a'\n"
            "request = 'POST /token'\n"
            "answer = '200'\n"
            "[[example]]\n"
            "name = 'a'\n"
            "request = 'POST /token'\n"
            "answer = '200'\n"
        },
        ["20:1: TH-D070 two examples are called 'a'"],
    ),
    (
        "an example without an answer",
        {"more": "[[example]]\nname = 'a'\nrequest = 'POST /token'\n"},
        ["15:3: TH-D004 answer is missing"],
    ),
    (
        "two bodies without formats",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "answer.xml = '<a/>'\n"
        },
        ["11:1: TH-D023 several bodies need [formats] to choose between them"],
    ),
    (
        "a body that the formats want",
        {
            "more": "[formats]\nchoose = 'header.accept'\ndefault = 'application/json'\nas = { 'application/json' = 'json', 'text/xml' = 'xml' }\n"
        },
        [
            "11:1: TH-D023 [formats] offers xml, this answer has none",
            "14:1: TH-D023 [formats] offers xml, this answer has none",
        ],
    ),
    (
        "formats of two kinds",
        {
            "more": "[formats]\nchoose = 'header.accept'\ndefault = 'application/json'\nas = { 'application/json' = 'json', 'j' = 'json' }\n"
        },
        ["18:1: TH-D023 either all keys are media types or none is"],
    ),
    (
        "formats without their default",
        {
            "more": "[formats]\n"
            "choose = 'header.accept'\n"
            "default = 'text/json'\n"
            "as = { 'application/json' = 'json', 'x' = 1, 'y' = 'jsn', z = { body = 'json', wrap = 'a' } }\n"
        },
        [
            "17:12: TH-D007 unknown value 'text/json' (one of: application/json, z)",
            "18:37: TH-D003 a format is the name of a body",
            "18:53: TH-D007 unknown value 'jsn' (did you mean \"json\"?)",
            "18:80: TH-D005 wrap is not supported by this version yet",
        ],
    ),
    (
        "attributes of the wrong type",
        {
            "head": ["[tokens.access]", "[attributes.user]\nage = 'int'\nplan = { a = 'int' }\n[tokens.access]"],
            "more": "[[sample.user]]\nage = 'x'\nsize = 1\nplan = 1\n",
        },
        [
            "19:1: TH-D003 declared as int",
            "20:1: TH-D002 unknown key 'size' (known: id, username, email, phone, name, password, age, plan)",
            "21:1: TH-D003 a table is expected here",
        ],
    ),
    (
        "a server attribute that is none",
        {"more": "[sample.server]\ncolour = 1\n"},
        ["16:1: TH-D002 undeclared attribute 'colour'"],
    ),
    (
        "an attribute that every user has",
        {"head": ["[tokens.access]", "[attributes.user]\nage = 'number'\nsize = 1\nemail = 'text'\n[tokens.access]"]},
        [
            "6:8: TH-D007 unknown value 'number' (one of: text, int, bool, time, list, object)",
            '7:1: TH-D003 an attribute is declared by its type (such as "text")',
            "8:1: TH-D007 every user has email already",
        ],
    ),
    (
        "ways",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "client_by = ['client_secret', 'magic', ['a'], 'label']\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        [
            "11:14: TH-D032 the way client_secret needs the role client_secret, which is not read",
            "11:31: TH-D007 unknown way 'magic' (one of: client_secret, public, none, client_secret.SLOT)",
            "11:40: TH-D005 the way ['a'] is not supported by this version yet",
            "11:47: TH-D005 the way 'label' is not supported by this version yet",
        ],
    ),
    (
        "a secret without an id",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "read.client_secret = 'json.s'\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D032 client_secret needs client_id beside it"],
    ),
    (
        "matches",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "match.jsn.a = 'x'\n"
            "match.json.b = 1.5\n"
            "match.cookie.x = true\n"
            "match.basic.name = 'x'\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        [
            '11:7: TH-D012 jsn is no place (did you mean "json"?)',
            "12:12: TH-D003 match takes a text, an integer, a list of them, true or false",
            "13:7: TH-D005 cookie is not supported by this version yet",
            "14:13: TH-D012 basic has no 'name' (user, password)",
        ],
    ),
    (
        "checks",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "check = [{ that = 'json.a', cause = 'malformd' }, { cause = 'x_a' }, 'json.b']\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        [
            "11:38: TH-D007 unknown value 'malformd' (did you mean \"malformed\"?)",
            "11:51: TH-D004 that is missing",
            "11:53: TH-D005 own causes are not supported by this version yet",
            "11:70: TH-D003 a table is expected here",
        ],
    ),
    (
        "what is required but not read",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "requires = ['device', 1]\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:13: TH-D032 the role device is required but not read", "11:23: TH-D003 a text is expected here"],
    ),
    (
        "a status that is text",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "answer.status = 'client.name'\n"
        },
        ["12:18: TH-D014 a status is an integer, not text"],
    ),
    (
        "a status that is none",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "answer.status = 99\n"
        },
        ["12:8: TH-D007 a status lies between 200 and 599"],
    ),
    (
        "headers",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
            "answer.headers = { Date = 'x', 'a b' = 'y', C = 1 }\n"
        },
        [
            "12:20: TH-D007 the header date is not the file's to write",
            "12:32: TH-D007 'a b' is no header name",
            "12:45: TH-D003 a header is a text",
        ],
    ),
    (
        "ways of presentation",
        {"more": "[present]\nways = [{ token = 'header.x', otp = 'a', tokn = 'b' }, 'x']\nerrors.json = '{}'\n"},
        [
            "16:31: TH-D005 otp is not supported by this version yet",
            "16:42: TH-D033 unknown role 'tokn' (did you mean \"token\"?)",
            "16:56: TH-D003 a way is a table from roles to expressions",
            "17:1: TH-D050 a row `default` is missing (default = { status = 400 })",
        ],
    ),
    (
        "readers",
        {"head": ['["json", "form"]', '["jsn", "multipart"]']},
        [
            "4:1: TH-D035 unknown reader 'jsn' (one of: json, form, xml, text)",
            "4:1: TH-D005 multipart is not supported by this version yet",
        ],
    ),
    (
        "readers that share a type",
        {"head": ['["json", "form"]', '{ json = ["a/b"], form = ["a/b"], xml = { types = ["a/c"], rot = "x" } }']},
        ["4:29: TH-D035 a/b is read by json already", "4:70: TH-D002 unknown key 'rot' (did you mean \"root\"?)"],
    ),
    (
        "readers that are a number",
        {"head": ['["json", "form"]', "1"]},
        ["4:1: TH-D003 accept takes a list of readers or a table"],
    ),
    (
        "a session policy",
        {
            "more": "[session]\nrefresh = 'extend'\nper = ['user', 'tenant', 'x']\nlimit = 0\nover = 'newest'\nlogin = 'reuse'\n"
        },
        [
            "16:12: TH-D005 'extend' is not supported by this version yet",
            "17:17: TH-D005 'tenant' is not supported by this version yet",
            "17:27: TH-D007 unknown value 'x' (one of: client, user, device)",
            "18:1: TH-D007 a limit is 1 or more",
            "19:9: TH-D007 unknown value 'newest' (one of: oldest)",
            "20:1: TH-D005 login is not supported by this version yet",
        ],
    ),
    ("over without a limit", {"more": "[session]\nover = 'oldest'\n"}, ["16:1: TH-D007 over needs a limit"]),
    (
        "credentials",
        {"more": "[credentials]\nclient_id = { label = 'x', form = 'a{hex:4}' }\nclient_secret = { label = 'y' }\n"},
        [
            "16:36: TH-D005 text around the form of a credential is not supported by this version yet",
            "17:1: TH-D004 form is missing",
        ],
    ),
    (
        "an operation that is no table",
        {"operation": "[operation]\ntoken = 1\n"},
        ["9:1: TH-D003 a table is expected here"],
    ),
    (
        "an empty role",
        {
            "operation": "[operation.token]\n"
            'route = "POST /token"\n'
            'does  = "client_credentials"\n'
            "read.device = []\n"
            'answer.json = \'{ "token": "{{ tokens.access }}" }\'\n'
        },
        ["11:6: TH-D003 a role needs an expression or a list of them"],
    ),
    (
        "an empty file",
        {"file": 'dialect = "1"\n'},
        [
            "1:1: TH-D004 name is missing",
            "1:1: TH-D004 title is missing",
            "1:1: TH-D004 operation is missing",
            "1:1: TH-D004 errors is missing",
        ],
    ),
    ("no TOML", {"file": "x = = 1"}, ["1:5: TH-W001 Invalid value (a text stands in quotes)"]),
]


@pytest.mark.parametrize(
    ("parts", "expected"), [(parts, said) for _, parts, said in BROKEN], ids=[name for name, *_ in BROKEN]
)
def test_a_mistake_is_pointed_at(kit, parts, expected):
    text = parts.get("file") or kit.write(
        **{key: kit.HEAD.replace(*value) if key == "head" else value for key, value in parts.items()}
    )

    assert kit.problems(text) == [f"demo.toml:{line}" for line in expected]


def test_the_file_that_is_broken_above_is_sound(kit):
    assert kit.problems(kit.write()) == []


def test_all_problems_are_told_at_once(kit):
    text = kit.write(
        head=kit.HEAD.replace('"1h"', '"soon"'),
        operation=kit.OPERATION.replace("/token", "token") + kit.ANSWER.replace("tokens.access", "tokens.acess"),
    )

    assert len(kit.problems(text)) == 3


@given(st.text(max_size=200))
def test_any_text_is_a_dialect_or_has_problems(text):
    with pytest.raises(Problems) as found:
        load(text, "demo.toml")

    assert found.value.problems
