"""The clients that old bots were written on, both generations, written from the description of the protocol.

Everything is one-shot: a call opens a connection, sends `auth` when it holds a token, sends one command, and closes.
Runs on websockets 10.4 (Debian's python3-websockets) and on the newer asyncio releases: it uses only what they share.
"""

import asyncio
import json
import random
import ssl
import time
from decimal import ROUND_HALF_EVEN, Context, Decimal

import websockets

CENT = Decimal("0.01")
CRYPTO = Decimal("0.0000000001")
PRECISION = Context(prec=32, rounding=ROUND_HALF_EVEN)


def rounded(value, scale):
    """The decimal text that is sent. Tiny sizes come out in exponent form ("5.00E-8"), as they always did."""
    return str(Decimal(str(value)).quantize(scale, context=PRECISION))


class Reply:
    """What every call of CxClient returns."""

    def __init__(self, status, msg, data, raw):
        self.status = status
        self.msg = msg
        self.data = data
        self.raw = raw

    @property
    def message(self):
        return self.msg

    @classmethod
    def of(cls, raw):
        """A reply without one of its keys counts as a failed one."""
        try:
            return cls(raw["status"], raw["message"], raw["data"], raw)
        except (KeyError, TypeError) as error:
            return cls(False, f"not a reply, {type(error).__name__}: {error}", None, raw)

    def __repr__(self):
        return f"Reply(status={self.status!r}, msg={self.msg!r}, data={self.data!r})"


class CxClient:
    """The last generation: each call returns a Reply."""

    def __init__(self, host="127.0.0.1", port=9877, username=None, token=None, tls=False, verify=True, timeout=10):
        self.url = f"{'wss' if tls else 'ws'}://{host}:{port}"
        self.username = username
        self.token = token
        self.timeout = timeout
        self.tls = tls_context(verify) if tls else None

    # One method a command. Prices, sizes and amounts may be anything that Decimal reads.

    def register(self, username=None):
        self.username = username or self.username or test_name()
        reply = self.r("register", username=self.username)
        if reply.status:
            self.token = reply.data
        return reply

    def auth(self, username=None, token=None):
        self.username = username or self.username
        self.token = token or self.token
        return self.r("auth", username=self.username, token=self.token)

    def buy(self, price, size):
        return self.r("buy", price=rounded(price, CENT), size=rounded(size, CRYPTO))

    def sell(self, price, size):
        return self.r("sell", price=rounded(price, CENT), size=rounded(size, CRYPTO))

    def buy_market(self, amount):
        return self.r("buy_market", amount=rounded(amount, CENT))

    def sell_market(self, amount):
        return self.r("sell_market", amount=rounded(amount, CRYPTO))

    def cancel(self, order_id):
        return self.r("cancel", order_id=order_id)

    def price(self):
        """The reply's data is a Decimal. Raises when it cannot be one: on a failure it is null, and bots know that."""
        reply = self.r("price")
        reply.data = Decimal(reply.data)
        return reply

    def orders(self):
        return self.r("orders")

    def all_orders(self):
        return self.r("all_orders")

    def wallets(self):
        return self.r("wallets")

    def fills(self):
        return self.r("fills")

    def completed(self):
        return self.r("completed")

    def broadcast(self, message):
        """The wire's word is another one: bcast."""
        return self.r("bcast", message=message)

    def audit(self):
        return self.r("audit")

    def start(self, secret):
        return self.r("start", secret=secret)

    def pause(self, secret):
        return self.r("pause", secret=secret)

    def shutdown(self, secret):
        return self.r("shutdown", secret=secret)

    def r(self, cmd, **params):
        """One command over a connection of its own. `reset` never leaves the client, and does not register."""
        if cmd == "reset":
            self.username = test_name()
            self.token = None
            return True
        return Reply.of(self.ask({"cmd": cmd, "params": params}))

    def ask(self, request):
        """Any JSON value as the one request; returns what came back, decoded and not looked at."""
        return asyncio.run(self._one_shot(request))

    async def _one_shot(self, request):
        options = {"open_timeout": self.timeout, "close_timeout": self.timeout}
        if self.tls:
            options["ssl"] = self.tls
        async with websockets.connect(self.url, **options) as socket:
            if self.token and not (isinstance(request, dict) and request.get("cmd") == "auth"):
                # Whatever the answer is: a token that is no good shows in what the command is told.
                await self._ask(socket, {"cmd": "auth", "params": {"username": self.username, "token": self.token}})
            return await self._ask(socket, request)

    async def _ask(self, socket, request):
        await socket.send(json.dumps(request))
        return json.loads(await asyncio.wait_for(socket.recv(), self.timeout))


class CxCmdClient:
    """The generation before: most calls return the decoded object, queries their data or False."""

    QUERIES = ("price", "orders", "all_orders", "wallets", "fills", "completed")

    def __init__(self, **options):
        self.client = CxClient(**options)

    def m(self, cmd, **params):
        """`reset` forgets name and token; the next call registers a new random player."""
        client = self.client
        if cmd == "reset":
            client.username = client.token = None
            return True
        if cmd == "register":
            return client.register(**params).raw
        if not client.token:
            client.register(f"test-{random.randint(0, 1_000_000_000)}")
        reply = client.r(cmd, **params)
        if cmd in self.QUERIES:
            return reply.data if reply.status else False
        return reply.raw


def test_name():
    return f"test-{random.randint(0, 1000)}-{time.time()}"


def tls_context(verify):
    context = ssl.create_default_context()
    if not verify:  # a game among friends has a certificate that nobody signed
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
