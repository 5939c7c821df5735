#!/usr/bin/env python3
"""Player: makes a market around the mid price of the game, within bounds. The same as cxgame-player.ts, whose first
lines say why it does what it does. Python 3.8 or later with websockets (apt install python3-websockets, or pip)."""

import argparse
import asyncio
import json
import os
import random
import signal
import ssl
import sys
from decimal import ROUND_DOWN, Decimal

try:
    import websockets
except ImportError:
    sys.exit("cxgame_player.py: needs websockets: apt install python3-websockets, or pip install websockets")

CENT = Decimal("0.01")
STEP = Decimal("0.0001")


class Over(Exception):
    """The server ended the connection in good order: with the game, or with itself."""


class Lost(Exception):
    """The connection broke. Orders stay open meanwhile, and the token leads back to them."""


class Refused(Exception):
    """The server said no to a question: the game is paused, or waits for its players."""


class Failed(Exception):
    """For the user to look at."""


class Door:
    """One request at a time: replies carry no id, and come in the order of the requests."""

    def __init__(self, url, socket):
        self.url = url
        self.socket = socket

    @classmethod
    async def open(cls, options):
        # Only what is the same in websockets 10 and in the newer releases.
        tls = {"ssl": tls_context(options.insecure)} if options.url.startswith("wss:") else {}
        try:
            return cls(options.url, await websockets.connect(options.url, **tls))
        except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException) as error:
            raise Lost(f"cannot reach the game at {options.url} ({error or type(error).__name__}); is it running?")

    async def call(self, cmd, **params):
        """The reply's status, message and data, also when the answer is no. Decimals in data are text."""
        try:
            await self.socket.send(json.dumps({"cmd": cmd, "params": params}))
            reply = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            status, message, data = reply["status"], reply["message"], reply["data"]
        except websockets.exceptions.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            raise Over("the game is over") if code in (1000, 1001) else Lost(f"lost the connection ({code})")
        except asyncio.TimeoutError:
            # A late reply would be taken for the next one's: this connection is of no use any more.
            raise Lost("no answer within 10 seconds")
        except (ValueError, KeyError, TypeError):
            raise Failed(f"{self.url} does not answer as the exchange of a game; is it its feed?")
        if message == "Game has ended.":
            raise Over("the game is over")
        return status, message, data

    async def ask(self, question):
        status, message, data = await self.call(question)
        if not status:
            raise Refused(message)
        return data


class Player:
    def __init__(self, options):
        self.options = options
        self.name, self.token = who_we_are(options.name, options.token_file)
        self.stop = asyncio.Event()
        self.round = 0
        self.said = None
        self.sell_first = False

    async def run(self):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.interrupt)
        say(f"{self.name} at {self.options.url}")
        try:
            await self.play(await Door.open(self.options))
        except (Lost, Over) as failure:
            await self.come_back(failure)

    def interrupt(self):
        if self.stop.is_set():
            os._exit(130)
        self.stop.set()

    async def come_back(self, failure):
        """A broken connection is made again for a minute: a server that crashed goes on with the same game."""
        tries = 0
        while isinstance(failure, Lost) and self.token and not self.stop.is_set() and tries < 60:
            if tries == 0:
                say(f"{failure}; trying again")
            tries += 1
            await self.pause(1000)
            try:
                door = await Door.open(self.options)
                tries = 0
                return await self.play(door)
            except (Lost, Over) as error:
                failure = error
        if isinstance(failure, Lost):
            raise failure
        say(failure)

    async def play(self, door):
        try:
            await self.enter(door)
            while not self.stop.is_set() and (self.options.rounds is None or self.round < self.options.rounds):
                try:
                    await self.quote(door)
                    self.round += 1
                    self.said = None
                except Refused as refused:
                    if str(refused) != self.said:
                        say(refused)
                    self.said = str(refused)
                await self.pause(self.options.wait)
            await self.leave(door)
        finally:
            await door.socket.close()

    async def enter(self, door):
        if self.token:
            status, message, _ = await door.call("auth", username=self.name, token=self.token)
            if status:
                return say(f"back as {self.name}")
            # So it is a new game, and the token one of an earlier. Any other refusal is for the user to look at.
            if message != "User is not registered.":
                raise Failed(f"{self.name}: {message}")
        status, message, self.token = await door.call("register", username=self.name)
        if not status:
            raise Failed(f"{self.name}: {message}")
        if self.options.token_file:
            mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with open(os.open(self.options.token_file, mode, 0o600), "w") as file:
                json.dump({"name": self.name, "token": self.token}, file)
        say(f"registered as {self.name}")

    async def quote(self, door):
        """Puts the two orders where they belong, if they are not there."""
        mid = Decimal(await door.ask("price"))
        orders, usd, crypto = await self.look(door)
        taking = None
        if self.options.take > 0 and self.round % self.options.take == self.options.take - 1:
            taking = self.toward_target(crypto)

        def offers():
            # Not on the side that is traded at market: if both traded, that might be more than the bound allows.
            return [offer for offer in self.quotes(mid, usd, crypto) if taking != f"{offer[0]}_market"]

        def is_wanted(order):
            return (order["side"], Decimal(order["price"]), Decimal(order["size"])) in offers()

        stale = orders["market"] + [order for order in orders["maker"] if not is_wanted(order)]
        for order in stale:
            await door.call("cancel", order_id=order["id"])
        if stale:
            orders, usd, crypto = await self.look(door)  # they may have traded before they were gone

        there = [order["side"] for order in orders["maker"]]
        missing = [offer for offer in offers() if offer[0] not in there]
        # While only one of the two is in the book the mid leans to it: so it is not always the same one.
        self.sell_first = not self.sell_first
        if self.sell_first:
            missing.reverse()
        for side, price, size in missing:
            tell(side, await door.call(side, price=str(price), size=str(size)))
        if missing:
            texts = ", ".join(f"{side} {size} at {price}" for side, price, size in missing)
            say(f"mid {mid}, holds {crypto:.4f}: {texts}")
        if taking:
            await self.trade(door, taking, mid, crypto)

    async def look(self, door):
        """Between two questions an order may trade: then what it moved would be missing, or there twice."""
        wallets = await door.ask("wallets")
        while True:
            orders = await door.ask("orders")
            before, wallets = wallets, await door.ask("wallets")
            if wallets == before:
                return (orders, *holdings(wallets, orders))

    async def trade(self, door, side, mid, crypto):
        target = self.options.target
        room = self.options.most + (target - crypto if side == "buy_market" else crypto - target)
        little = max(Decimal(0), min(self.options.size / 10, room))
        amount = (little * mid).quantize(CENT) if side == "buy_market" else little.quantize(STEP, ROUND_DOWN)
        tell(side, await door.call(side, amount=str(amount)))

    def quotes(self, mid, usd, crypto):
        options = self.options

        def room(distance):
            """How much more may be bought or sold, so far from the target on the other side."""
            left = options.most + distance
            return max(Decimal(0), min(options.size, options.size * left / options.most, left))

        low, high = mid - options.edge, mid + options.edge
        offers = [("sell", high, min(room(crypto - options.target), crypto))]
        if low >= Decimal("0.1"):
            offers.insert(0, ("buy", low, min(room(options.target - crypto), usd / low)))
        offers = [(side, price, most.quantize(STEP, ROUND_DOWN)) for side, price, most in offers]
        return [offer for offer in offers if offer[2] > 0]

    def toward_target(self, crypto):
        is_short = crypto < self.options.target or (crypto == self.options.target and random.random() < 0.5)
        return "buy_market" if is_short else "sell_market"

    async def leave(self, door):
        try:
            orders = await door.ask("orders")
            for order in orders["maker"] + orders["market"]:
                await door.call("cancel", order_id=order["id"])
            wallets = await door.ask("wallets")
            say(f"holds {wallets['crypto']} crypto and {wallets['usd']} dollars, no order left open")
        except Refused as refused:
            say(f"{refused} Orders stay open")

    async def pause(self, ms):
        try:
            await asyncio.wait_for(self.stop.wait(), ms / 1000)
        except asyncio.TimeoutError:
            pass


def holdings(wallets, orders):
    """Wallets hold what is free; what open orders have reserved is ours too."""
    usd, crypto = Decimal(wallets["usd"]), Decimal(wallets["crypto"])
    for order in orders["maker"]:
        if order["side"] == "buy":
            usd += Decimal(order["price"]) * Decimal(order["size"])
        else:
            crypto += Decimal(order["size"])
    for order in orders["market"]:
        if order["side"] == "buy_market":
            usd += Decimal(order["amount"])
        else:
            crypto += Decimal(order["amount"])
    return usd, crypto


def tell(what, reply):
    """That an order was refused does no harm: the mid has moved meanwhile, or nobody is on the other side."""
    status, message, _ = reply
    if not status:
        say(f"{what}: {message}")


def say(text):
    print(f"cxgame_player.py: {text}", flush=True)


def tls_context(insecure):
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def who_we_are(name, file):
    """The file's name and token when there is one, else a new player."""
    if not file or not os.path.exists(file):
        return name or f"player-{random.randint(1000, 9999)}", None
    try:
        with open(file) as kept:
            who = json.load(kept)
        kept_name, token = who["name"], who["token"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Failed(f"{file} holds no name and token")
    if name not in (None, kept_name):
        raise Failed(f"{file} is of {kept_name}, and --name says {name}")
    return kept_name, token


def read_options():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Ctrl-C cancels the orders that are still open and ends; a second one ends at once.",
    )

    def address(text):
        if not text.startswith(("ws://", "wss://")):
            raise argparse.ArgumentTypeError(f"not a ws:// or wss:// address: {text}")
        return text

    def number(least):
        def read(text):
            try:
                value = Decimal(text).quantize(STEP)
            except ArithmeticError:
                value = Decimal(-1)
            if not Decimal(least) <= value < 10**9:
                raise argparse.ArgumentTypeError(f"not a number of at least {least}: {text}")
            return value

        return read

    def whole_number(text):
        if not text.isdigit() or len(text) > 9:
            raise argparse.ArgumentTypeError(f"not a whole number: {text}")
        return int(text)

    def option(name, default, **more):
        parser.add_argument(f"--{name}", default=default, **more)

    option("url", "ws://127.0.0.1:9877", type=address, help="the game's exchange (%(default)s)")
    parser.add_argument("--insecure", action="store_true", help="take any TLS certificate, such as a self-signed one")
    option("name", None, help="who plays (player-NNNN)")
    option("token-file", None, metavar="FILE", help="where to keep name and token, to come back as the same player")
    option("size", Decimal("0.5"), type=number("0.001"), metavar="X", help="crypto of an order (%(default)s)")
    option("edge", Decimal("2"), type=number("0.01"), metavar="X", help="dollars from the mid (%(default)s)")
    option("target", Decimal("10"), type=number("0"), metavar="X", help="how much crypto to hold (%(default)s)")
    option("most", Decimal("5"), type=number("0.001"), metavar="X", help="how far from that at most (%(default)s)")
    option(
        "take",
        5,
        type=whole_number,
        metavar="N",
        help="every N rounds also trade a tenth of the size at market; 0: never (%(default)s)",
    )
    option("rounds", None, type=whole_number, metavar="N", help="stop after N rounds")
    option("wait", 1000, type=whole_number, metavar="MS", help="how long to wait between rounds (%(default)s)")
    options = parser.parse_args()
    options.edge = options.edge.quantize(CENT)
    return options


async def main():
    await Player(read_options()).run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (Failed, Lost) as failure:
        sys.exit(f"cxgame_player.py: {failure}")
