"""Whose portal this is: the name, phone number and zone that every page shows, error pages included."""

from dataclasses import dataclass

from flask import current_app

from portal import context
from portal.domain.catalogue import Account
from portal.storage.catalogue import account_ids, current_catalogue
from portal.web.visitor import is_signed_in, visitor

_KEPT = "portal_brand"


@dataclass(frozen=True, slots=True)
class Brand:
    """A practice as its pages name it."""

    name: str = "Patient portal"
    phone: str = ""
    help_hours: str = ""
    emergency: str = ""
    time_zone: str = "UTC"


def current() -> Brand:
    """Return the brand of the visitor's practice; for strangers that of the only practice, if there is one."""
    if is_signed_in():
        return _keep(context.catalogue_of(visitor()).account)
    accounts = account_ids(context.db())
    return _keep(current_catalogue(context.db(), accounts[0]).account) if len(accounts) == 1 else Brand()


def last_known() -> Brand:
    """Return the brand that a page showed last, without asking the database; for error pages."""
    kept: Brand = current_app.extensions.get(_KEPT, Brand())
    return kept


def _keep(account: Account) -> Brand:
    brand = Brand(account.name, account.phone, account.help_hours, account.emergency, account.time_zone)
    current_app.extensions[_KEPT] = brand
    return brand
