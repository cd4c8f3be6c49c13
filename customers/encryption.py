"""Personal data at rest: AES-256-GCM in the column, bound to its row, and a keyed index to find it by.

The key ring is JSON: {"current": "k1", "keys": {"k1": base64 of 32 bytes, ...}, "index": base64 of 32 bytes}, from
FIELD_KEYS or from the file FIELD_KEYS_FILE. Old keys stay in the ring to read what they sealed. The index key is
separate and does not rotate with them: uniqueness rests on the index column, never on a ciphertext.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute

_NONCE = 12


class Sealed(bytes):
    """A value as the column holds it: length of the key id, key id, nonce, ciphertext with tag."""


class Tampered(Exception):
    """The ciphertext does not belong to this row, or its key is not in the ring."""


@dataclass(frozen=True)
class KeyRing:
    current: str
    ciphers: dict[str, AESGCM]
    index_key: bytes

    def seal(self, text: str, *, bound_to: str) -> Sealed:
        nonce = os.urandom(_NONCE)
        body = self.ciphers[self.current].encrypt(nonce, text.encode(), bound_to.encode())
        name = self.current.encode()
        return Sealed(bytes((len(name),)) + name + nonce + body)

    def unseal(self, sealed: bytes, *, bound_to: str) -> str:
        end = 1 + sealed[0]
        cipher = self.ciphers.get(sealed[1:end].decode())
        if cipher is None:
            raise Tampered(f"no key for {bound_to}")
        try:
            return cipher.decrypt(
                sealed[end : end + _NONCE], sealed[end + _NONCE :], bound_to.encode()
            ).decode()
        except InvalidTag as error:
            raise Tampered(bound_to) from error

    def index(self, value: str, *, purpose: str) -> str:
        """Keyed fingerprint of a normalised value, 32 hex digits; the same value under another purpose differs."""
        return hmac.digest(self.index_key, f"{purpose}\0{value}".encode(), "sha256").hex()[:32]


@lru_cache(maxsize=1)
def key_ring() -> KeyRing:
    raw = settings.FIELD_KEYS or _key_file(Path(settings.FIELD_KEYS_FILE))
    try:
        ring = json.loads(raw)
        keys = {name: AESGCM(base64.b64decode(key)) for name, key in ring["keys"].items()}
        return KeyRing(current=ring["current"], ciphers=keys, index_key=base64.b64decode(ring["index"]))
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured("The key ring for encrypted columns cannot be read.") from error


def _key_file(path: Path) -> str:
    if not path.is_file():
        if settings.PRODUCTION:
            raise ImproperlyConfigured("FIELD_KEYS_FILE is missing: phones and addresses cannot be read.")
        _write_new_ring(path)
    return path.read_text(encoding="ascii")


def _write_new_ring(path: Path) -> None:
    """A fresh ring, for development; of two processes starting at once the first one's file wins, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(new_ring(), encoding="ascii")
    draft.chmod(0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def new_ring() -> str:
    keys = {"k1": base64.b64encode(os.urandom(32)).decode()}
    return json.dumps({"current": "k1", "keys": keys, "index": base64.b64encode(os.urandom(32)).decode()})


def index_of(value: str, *, purpose: str) -> str:
    """The look-up value of an index column; empty stays empty."""
    return key_ring().index(value, purpose=purpose) if value else ""


class EncryptedAttribute(DeferredAttribute):
    """Reads in clear: the column's bytes are opened when the attribute is asked for, never in bulk."""

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None:
            return value
        if not isinstance(value, Sealed):
            return value or ""
        return key_ring().unseal(value, bound_to=self.field.binding(instance))

    def __set__(self, instance: models.Model, value: Any) -> None:
        # With a setter Python asks __get__ first, so the raw bytes never leave by themselves.
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.BinaryField):
    """Text sealed for its row: the model must have a ``uid`` (UUID), which names the row for life."""

    _pyi_private_set_type: str  # bytes in the column, text in the attribute
    _pyi_private_get_type: str  # type: ignore[assignment]  # bytes to the stubs

    descriptor_class = EncryptedAttribute

    def binding(self, instance: models.Model) -> str:
        return binding(self.model, self.attname, instance.uid)  # type: ignore[attr-defined]  # required above

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return ""
        return Sealed(value) if len(value) else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname, "")
        if isinstance(value, Sealed) or not value:
            return value
        return key_ring().seal(str(value), bound_to=self.binding(model_instance))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not value:
            return super().get_db_prep_value(b"", connection, prepared)
        if not isinstance(value, Sealed):
            raise TypeError(
                f"{self.model.__name__}.{self.attname} is written row by row, so that it is sealed"
            )
        return super().get_db_prep_value(bytes(value), connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        return base64.b64encode(bytes(obj.__dict__.get(self.attname) or b"")).decode()


def binding(model: type[models.Model], column: str, uid: uuid.UUID) -> str:
    return f"{model._meta.db_table}.{column}:{uid}"


def seal_for(model: type[models.Model], column: str, uid: uuid.UUID, text: str) -> bytes:
    """The column's bytes for a row written by SQL rather than by a model; empty text stays empty."""
    return key_ring().seal(text, bound_to=binding(model, column, uid)) if text else b""
