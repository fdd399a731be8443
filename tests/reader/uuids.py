"""Derived UUIDs: doc/package-format.md, "UUIDs"."""

import hashlib
import re
import uuid

FORM = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def derive(*texts):
    """UUIDv8 of the SHA-256 of texts, each ended by a NUL."""
    digest = hashlib.sha256(b"".join(t.encode("utf-8") + b"\0" for t in texts)).digest()
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=number))


def instance(system_identifier, oid):
    return derive("instance", f"{system_identifier}/{oid}")


def named_instance(name):
    return name.lower() if FORM.fullmatch(name.lower()) else derive("instance", name)


def of_row(instance_uuid, kind, key):
    return derive("row", instance_uuid, kind, key)


def of_uuid(instance_uuid, old):
    return derive("uuid", instance_uuid, old)
