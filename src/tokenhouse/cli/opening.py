"""Opening the store and the listeners: what can be wrong with them, said in words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tokenhouse.cli.failures import Exit, Failure, bad_config
from tokenhouse.config.settings import Config


@contextlib.contextmanager
def told(config: Config) -> Iterator[None]:
    """Turn what the composition root raises into failures; a locked store is for the caller to judge.

    Raises:
        Failure: with what to type next.

    """
    from tokenhouse.http.certificates import UnusableCertificate
    from tokenhouse.http.listeners import AddressTaken
    from tokenhouse.http.routing import RouteConflict
    from tokenhouse.server.mounting import MountConflict
    from tokenhouse.server.rooms import MissingSecret
    from tokenhouse.server.running import NotMigrated
    from tokenhouse.sql.sqlite import NoDatabase, UnsafeLibrary
    from tokenhouse.tokens.envelope import WrongKeyEncryptionKey
    from tokenhouse.written import Problem, Problems

    try:
        yield
    except NotMigrated:
        if not config.database.path.exists():
            # Not only "upgrade": behind a volume that is not mounted, a new store would have new keys and nobody in it.
            hint = "check database.url; a new, empty one: tokenhouse db upgrade"
            raise Failure(Exit.FAILURE, f"there is no database at {config.database.path}", hint) from None
        message = f"the database {config.database.path} is not at this program's revision"
        raise Failure(Exit.FAILURE, message, "tokenhouse db upgrade") from None
    except NoDatabase as error:
        raise Failure(Exit.FAILURE, str(error), "check database.url and whose it is, or restore it") from None
    except MissingSecret:
        message = "no key-encryption key is configured"
        raise Failure(Exit.BAD_CONFIG, message, "set secrets.key_encryption_key_file, or: tokenhouse init") from None
    except WrongKeyEncryptionKey:
        message = "the keys in the database were not encrypted with the configured key-encryption key"
        raise Failure(Exit.BAD_CONFIG, message, "check secrets.key_encryption_key_file") from None
    except (Problem, Problems, MountConflict, RouteConflict, FileNotFoundError) as error:
        raise bad_config(error) from None
    except UnusableCertificate as error:
        raise Failure(Exit.BAD_CONFIG, str(error), "check the files that tls names") from None
    except AddressTaken as error:
        raise Failure(
            Exit.FAILURE, f"cannot listen: {error}", "stop the other program, or change the address"
        ) from None
    except UnsafeLibrary as error:
        raise Failure(Exit.FAILURE, f"SQLite {error} can corrupt the database", "upgrade the apsw package") from None
