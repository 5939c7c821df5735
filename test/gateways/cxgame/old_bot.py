#!/usr/bin/env python3
"""Plays as old bots do: buys below the mid and sells above it by up to 20.5, trades at market on both sides, cancels ids
from both lists, and does not care whether a command failed. Ends after --rounds, or when the game does, and prints one
JSON line: what it called, and what it was told how often.
"""

import argparse
import asyncio
import errno
import json
import random
import re
import sys
import time
from collections import Counter
from decimal import Decimal

import websockets
from cxclient import CxClient

SPREAD = 20.5


def main():
    options = read_options()
    chance = random.Random(options.seed)
    host, _, port = options.exchange.rpartition(":")
    client = CxClient(host, int(port), tls=options.tls, verify=False)
    bot = Bot(client, chance)
    name = options.name or f"old-bot-{options.seed}-{time.time()}"
    rounds = 0
    ended = "rounds"
    registered = last_wallets = None
    try:
        registered = bot.call(client.register, name)
        while options.rounds == 0 or rounds < options.rounds:
            bot.play()
            rounds += 1
            wallets = bot.call(client.wallets)
            last_wallets = wallets.data if wallets and wallets.status else last_wallets
    except Over as over:
        ended = str(over)
    summary = {
        "name": name,
        "rounds": rounds,
        "ended": ended,
        "calls": bot.succeeded + bot.failed,
        "succeeded": bot.succeeded,
        "failed": bot.failed,
        "told": dict(sorted(bot.told.items())),
        "wallets": last_wallets,
    }
    print(json.dumps(summary), flush=True)
    return 0 if rounds > 0 and registered and registered.status else 1


class Over(Exception):
    pass


class Bot:
    def __init__(self, client, chance):
        self.client = client
        self.chance = chance
        self.told = Counter()
        self.succeeded = 0
        self.failed = 0
        self.closed = 0

    def play(self):
        """One round. The choices are the same for the same seed and the same answers."""
        client, chance = self.client, self.chance
        price = self.call(client.price)
        mid = float(price.data) if price else 1000.0
        self.call(client.buy, mid - chance.uniform(0, SPREAD), self.size())
        self.call(client.sell, mid + chance.uniform(0, SPREAD), self.size())
        if chance.random() < 0.5:
            self.call(client.buy_market, chance.uniform(5, 60))
        if chance.random() < 0.5:
            self.call(client.sell_market, self.size() / 2)
        orders = self.call(client.orders)
        if not orders or not orders.status:
            return
        for kind, keep in (("maker", 6), ("market", 1)):
            ids = [order["id"] for order in orders.data[kind]]
            for order_id in chance.sample(ids, max(0, len(ids) - keep)):
                self.call(client.cancel, order_id)
        if chance.random() < 0.1:
            self.call(client.broadcast, {"from": "an old bot", "mid": str(mid)})

    def size(self):
        return Decimal(str(self.chance.uniform(0.005, 0.1)))

    def call(self, method, *args):
        """The reply; None when there was none, or none that the client could read."""
        try:
            reply = method(*args)
        except (TypeError, ValueError, ArithmeticError) as error:
            return self.count(f"client: {type(error).__name__}", False)
        except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException) as error:
            if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
                raise Over("refused") from None
            self.count(f"connection: {type(error).__name__}", False)
            self.closed += 1
            if self.closed == 5:  # an ended game that shares its process takes connections and closes them
                raise Over("closed") from None
            return None
        self.closed = 0
        if reply.msg == "Game has ended.":
            raise Over("ended")
        self.count(reply.msg, reply.status)
        return reply

    def count(self, message, succeeded):
        """By kind of message: without the ids and numbers in it there are not many."""
        self.told[re.sub(r"[0-9a-f]{64}|\d+(\.\d+)?(E-?\d+)?", "N", str(message))] += 1
        if succeeded:
            self.succeeded += 1
        else:
            self.failed += 1


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exchange", metavar="HOST:PORT")
    parser.add_argument("--rounds", type=int, default=100, metavar="N", help="0: until the game ends (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same N makes the same choices")
    parser.add_argument("--name", help="the player; a new name each time unless given")
    parser.add_argument("--tls", action="store_true", help="wss, whatever the certificate")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
