#!/usr/bin/env python3
"""Feed reader: prints what happens in the game, and a live ranking of its players. The same as cxgame-feed.ts.
Python 3.8 or later with websockets (apt install python3-websockets, or pip).

The feed tells no wallets, so the live ranking is worked out: every player has the start money and crypto, plus and minus
what the matches of its orders moved. Crypto counts at the mid price, which follows from the limit orders seen. Who reads
from the first order on is right but for a cent now and then; who comes later does not know the orders of before, and the
ranking says that it is incomplete. At the end the server tells who holds what, which is the final ranking."""

import argparse
import asyncio
import json
import os
import re
import signal
import ssl
import sys
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, getcontext

try:
    import websockets
except ImportError:
    sys.exit("cxgame_feed.py: needs websockets: apt install python3-websockets, or pip install websockets")

getcontext().prec = 50
CENT = Decimal("0.01")
CRYPTO = Decimal("0.0000000001")
LEAST_SIZE = Decimal("0.00000001")

# Where to stop remembering who placed market orders: the oldest are long filled.
MOST_MARKET_ORDERS = 10_000


class Failed(Exception):
    """For the user to look at."""


class Game:
    """What the feed lets one know of the game."""

    def __init__(self, usd, crypto):
        self.start = {"usd": usd, "crypto": crypto}
        self.players = {}
        self.book = {}
        self.market_orders = {}
        self.last_mid = Decimal("1000.00")
        self.book_changed = False
        self.trades = 0
        self.incomplete = False  # there was a player, or an order, before we came

    def join(self, user):
        self.players.setdefault(user, dict(self.start))

    def placed(self, order):
        self.settle()
        if order["user"] not in self.players:  # its registration was never told
            self.incomplete = True
        self.join(order["user"])
        if order["side"] in ("buy", "sell"):
            self.book[order["id"]] = {
                "user": order["user"],
                "side": order["side"],
                "price": Decimal(order["price"]),
                "left": Decimal(order["size"]),
            }
            self.book_changed = True
            return
        self.market_orders[order["id"]] = order["user"]
        if len(self.market_orders) > MOST_MARKET_ORDERS:
            del self.market_orders[next(iter(self.market_orders))]
        self.last_mid = Decimal(order["price"])  # its price is the mid at that moment

    def matched(self, match):
        size = Decimal(match["size"])
        usd = cents(size * Decimal(match["price"]))
        buyer, seller = self.traded(match["buy_id"], size), self.traded(match["sell_id"], size)
        for player, sign in ((buyer, 1), (seller, -1)):
            if player is not None:
                player["usd"] -= sign * usd
                player["crypto"] += sign * size
        self.trades += 1
        if buyer is None or seller is None:
            self.incomplete = True

    def canceled(self, order_id):
        self.settle()
        if self.book.pop(order_id, None):
            self.book_changed = True
        self.market_orders.pop(order_id, None)

    def mid(self):
        """The average of the best buy and the best sell; a side that is empty counts as what the mid was."""
        if not self.book_changed:
            return self.last_mid
        buys = [order["price"] for order in self.book.values() if order["side"] == "buy"]
        sells = [order["price"] for order in self.book.values() if order["side"] == "sell"]
        return cents((max(buys, default=self.last_mid) + min(sells, default=self.last_mid)) / 2)

    def ranking(self):
        mid = self.mid()
        rows = []
        for user, player in self.players.items():
            worth = cents(player["usd"] + player["crypto"] * mid)
            crypto = player["crypto"].quantize(CRYPTO)
            rows.append({"user": user, "crypto": f"{crypto:f}", "usd": f"{player['usd']}", "holdings": f"{worth}"})
        return ranked(rows)

    def settle(self):
        """The server works the mid out once a command, after its matches: that is, when the next command is told."""
        self.last_mid = self.mid()
        self.book_changed = False

    def traded(self, order_id, size):
        order = self.book.get(order_id)
        if order is None:
            return self.players.get(self.market_orders.get(order_id))
        self.book_changed = True
        order["left"] -= size
        if order["left"] < LEAST_SIZE:  # the server closes what is less
            del self.book[order_id]
        return self.players[order["user"]]


class Reader:
    def __init__(self, options):
        self.options = options
        self.game = Game(options.usd_start, options.crypto_start)
        self.changed = False
        self.ending = False
        self.stopped = False
        self.final = None
        self.final_price = ""

    async def run(self):
        options = self.options
        # Only what is the same in websockets 10 and in the newer releases.
        tls = {"ssl": tls_context(options.insecure)} if options.url.startswith("wss:") else {}
        try:
            socket = await websockets.connect(options.url, **tls)
        except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException) as error:
            reason = error or type(error).__name__
            raise Failed(f"cannot reach the feed at {options.url} ({reason}); is the game running?")
        say(f"watching {options.url}")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: self.interrupt(socket))
        timer = asyncio.ensure_future(self.print_sometimes())
        try:
            while True:
                self.hear(json.loads(await socket.recv()))
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            raise Failed(f"{options.url} sent what is no message of a feed ({error})")
        except websockets.exceptions.ConnectionClosed as closed:
            self.closed(closed.rcvd.code if closed.rcvd else 1006)
        finally:
            timer.cancel()

    def interrupt(self, socket):
        if self.stopped:
            os._exit(130)
        self.stopped = True
        self.closing = asyncio.ensure_future(socket.close())

    def closed(self, code):
        if self.final is not None:
            say(f"final ranking{self.final_price}")
            self.print_rows(self.final)
        elif self.stopped:
            self.print_ranking()
        elif code == 1001:
            say("the server has stopped before the end; at its next start the game goes on")
        else:
            slow = ": we were too slow" if code == 1013 else ""
            raise Failed(f"lost the feed ({code}{slow}); start me again when it is back")

    def hear(self, told):
        kind, message = told["type"], told.get("message")
        if kind == "info":
            if message.startswith("Registered: "):
                self.game.join(message[len("Registered: ") :])
                say(message)
        elif kind in ("buy", "sell", "buy_market", "sell_market"):
            self.game.placed(message)
        elif kind == "match":
            self.game.matched(message)
            if self.options.trades:
                say(f"{message['size']} traded at {message['price']}")
        elif kind == "cancel":
            self.game.canceled(message)
        elif kind == "bcast":
            say(f"{told['user']} says {json.dumps(message)}")
        elif kind in ("start", "pause"):
            say(message)
        elif kind == "shutdown":
            say(message)
            self.ending = True  # the cancels that follow move the mid, and the final price no more
        elif kind == "csv":
            self.final = ranked(rows_of(told["data"]))
            if self.options.csv:
                with open(self.options.csv, "w", newline="", encoding="utf-8") as file:
                    file.write(told["data"])
        elif kind == "result":
            self.final = told["data"]["ranking"]
            self.final_price = f" at {told['data']['final_price']}"
        self.changed = True

    async def print_sometimes(self):
        while True:
            await asyncio.sleep(self.options.every)
            if self.changed and not self.ending:
                self.print_ranking()

    def print_ranking(self):
        self.changed = False
        game = self.game
        incomplete = "; incomplete, since the game began before we came" if game.incomplete else ""
        say(f"ranking at {game.mid()} after {game.trades} trades{incomplete}")
        self.print_rows(game.ranking())

    def print_rows(self, ranking):
        for row in ranking[: self.options.top]:
            holds = f"{row['usd']} dollars, {row['crypto']} crypto"
            print(clean(f"{row['rank']:>3}. {row['user']}: {row['holdings']} ({holds})"), flush=True)


def ranked(rows):
    """The richest first; who holds the same shares the rank."""
    rows = sorted(rows, key=lambda row: Decimal(row["holdings"]), reverse=True)
    holdings = [row["holdings"] for row in rows]
    return [{"rank": 1 + holdings.index(row["holdings"]), **row} for row in rows]


def rows_of(csv):
    """Every field of the CSV is quoted, and no quote is in any of them."""
    rows = [row[1:-1].split('","') for row in csv.split("\n")[1:] if row]
    return [dict(zip(("user", "crypto", "usd", "holdings"), row)) for row in rows]


def cents(value):
    return value.quantize(CENT, ROUND_HALF_EVEN)


def say(text):
    print(f"cxgame_feed.py: {clean(text)}", flush=True)


def clean(text):
    """Players choose names and what they say: none of it may steer the terminal."""
    return "".join("?" if unicodedata.category(it).startswith("C") else it for it in text)


def tls_context(insecure):
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, epilog="Ctrl-C prints the ranking and ends.")

    def address(text):
        if not text.startswith(("ws://", "wss://")):
            raise argparse.ArgumentTypeError(f"not a ws:// or wss:// address: {text}")
        return text

    def number(form, read):
        def check(text):
            if not re.fullmatch(form, text):
                raise argparse.ArgumentTypeError(f"not a number that fits: {text}")
            return read(text)

        return check

    usd = number(r"\d{1,15}(\.\d{1,2})?", lambda text: Decimal(text).quantize(CENT))
    crypto = number(r"\d{1,15}(\.\d{1,10})?", lambda text: Decimal(text).quantize(CRYPTO))
    seconds = number(r"(?!0+(\.0+)?$)\d{1,6}(\.\d+)?", float)
    count = number(r"\d{1,6}", int)

    def option(name, default, **more):
        parser.add_argument(f"--{name}", default=default, **more)

    option("url", "ws://127.0.0.1:9876", type=address, help="the game's feed (%(default)s)")
    parser.add_argument("--insecure", action="store_true", help="take any TLS certificate, such as a self-signed one")
    option("usd-start", usd("10000.00"), type=usd, metavar="X", help="each player's first dollars (%(default)s)")
    option("crypto-start", crypto("10.0"), type=crypto, metavar="X", help="each player's first crypto (%(default)s)")
    option("every", 5.0, type=seconds, metavar="SECONDS", help="how often to print the ranking (%(default)s)")
    option("top", 10, type=count, metavar="N", help="how many players of it (%(default)s)")
    parser.add_argument("--trades", action="store_true", help="print every trade too")
    option("csv", None, metavar="FILE", help="write the game's CSV there when it ends")
    return parser.parse_args()


async def main():
    await Reader(read_options()).run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (Failed, OSError) as failure:
        sys.exit(f"cxgame_feed.py: {failure}")
