"""Text that is encrypted at rest, with keys that can be rotated.

The first key of ``FIELD_ENCRYPTION_KEYS`` encrypts, all of them decrypt: put a new key in front, save every
account once (``manage.py rotate_keys``), then drop the old one.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


class EncryptedTextField(models.TextField):
    """Text that only the holder of the keys can read; empty text stays empty.

    It can be neither searched nor compared in the database, and it never shows itself: forms write it, services
    read it, nothing prints it.
    """

    def get_prep_value(self, value: str | None) -> str | None:
        if not value:
            return value
        return cipher().encrypt(value.encode()).decode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                f"{self.model.__name__}.{self.name} cannot be decrypted: none of FIELD_ENCRYPTION_KEYS is the key it "
                "was saved with. Put that key back into the list."
            ) from error
