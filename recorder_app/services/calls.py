"""One signed call: recorded before it is sent, paced, sent, and its ending recorded."""

from typing import Any

from django.utils import timezone

from recorder_app.choices import Origin
from recorder_app.cloud.client import CloudClient, Reply
from recorder_app.cloud.errors import CloudError
from recorder_app.cloud.masking import masked
from recorder_app.cloud.products import action_of
from recorder_app.models import ApiCall, Application, CloudAccount, PaceSlot, Person, Recording
from recorder_app.services import clients


def intend(
    *,
    account: CloudAccount,
    action: str,
    params: dict[str, Any],
    by: Person | None,
    origin: Origin = Origin.PERSON,
    application: Application | None = None,
    recording: Recording | None = None,
    attempt: int = 1,
) -> ApiCall:
    """Write down what is about to be sent; the caller commits it before ``send``.

    ``params`` are nested as they will be sent; signatures and keys in them are masked before they are stored.
    """
    product = action_of(action).product
    region = application.effective_region if application else clients.default_region_of(account, product)
    return ApiCall.objects.create(
        account=account,
        account_name=account.name,
        application=application,
        application_name=application.name if application else "",
        recording=recording,
        product=product,
        action=action,
        environment=account.environment,
        endpoint=clients.client_for(account, product=product, region=region).endpoint_host,
        region=region,
        params=masked(params),
        attempt=attempt,
        by=by,
        by_name=by.name if by else "",
        origin=origin,
        created_at=timezone.now(),
    )


def send(call: ApiCall, params: dict[str, Any]) -> Reply:
    """Wait for the call's turn, send it, and record how it ended.

    ``params`` are the true ones, unmasked, that ``intend`` recorded. Raises the ``CloudError`` it recorded. Never
    call it inside a transaction: the intention must be committed, and nothing may be locked while the cloud thinks.
    """
    client: CloudClient = clients.client_for(call.account, product=call.product, region=call.region)
    PaceSlot.objects.wait_for_slot(
        account=call.account,
        endpoint=call.endpoint,
        action=call.action,
        is_urgent=call.origin == Origin.PERSON,
    )
    try:
        reply = client.call(call.action, params)
    except CloudError as error:
        call.mark_failed(error, now=timezone.now())
        raise
    call.mark_answered(reply, now=timezone.now())
    return reply
