#!/usr/bin/env python3
"""Noise: buys and sells at random around the last price. Python 3.8 or later, nothing to install."""

import argparse
import json
import os
import random
import signal
import sys
import threading
import urllib.error
import urllib.request


def main():
    options = read_options()
    exchange = Exchange(options)
    chance = random.Random(options.seed)
    mine = []  # our orders that were not canceled yet, oldest first
    placed = 0
    stopping = threading.Event()

    def stop(number, _frame):  # the loop ends when the call in hand is done; a second Ctrl-C ends at once
        signal.signal(number, signal.SIG_DFL)
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)

    print(f"noise.py: {options.account} on {options.venue}/{options.symbol} at {options.url}", flush=True)
    try:
        while not stopping.is_set() and (options.orders is None or placed < options.orders):
            last = exchange.quote().get("last") or 5000
            order = exchange.place(
                direction=chance.choice(["buy", "sell"]),
                price=max(0, last + chance.randint(-100, 100)),
                qty=chance.randint(50, 150),
            )
            placed += 1
            mine.append(order["id"])
            print(
                f"{order['direction']} {order['originalQty']} at {order['price']}: "
                f"order {order['id']}, {order['totalFilled']} filled",
                flush=True,
            )
            if len(mine) > 10:
                exchange.cancel(mine.pop(0))
            stopping.wait(options.wait / 1000 * chance.uniform(0.6, 1.4))
    finally:
        while mine:
            exchange.cancel(mine.pop(0))
        if placed > 0:
            print(f"noise.py: orders placed: {placed}, none left open")


class Exchange:
    def __init__(self, options):
        self.options = options
        self.stock = f"{options.url.rstrip('/')}/ob/api/venues/{options.venue}/stocks/{options.symbol}"

    def quote(self):
        return self.call("GET", "/quote")

    def place(self, direction, price, qty):
        body = {
            "account": self.options.account,
            "price": price,
            "qty": qty,
            "direction": direction,
            "orderType": "limit",
        }
        return self.call("POST", "/orders", body)

    def cancel(self, order_id):
        return self.call("DELETE", f"/orders/{order_id}")

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body else {}
        if self.options.key:
            headers["X-Starfighter-Authorization"] = self.options.key
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.stock + path, data, headers, method=method)
        try:
            try:
                response = urllib.request.urlopen(request, timeout=10)
            except urllib.error.HTTPError as refusal:  # it has an answer all the same
                response = refusal
            with response:
                answer = json.load(response)
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise Refused(f"cannot reach the exchange at {self.options.url} ({reason}); is it running?")
        except ValueError:
            raise Refused(f"{self.options.url} did not answer with JSON; is it the exchange?")
        if answer.get("ok") is not True:
            raise Refused(f"{method} {path}: {answer.get('error')} (status {response.getcode()})")
        return answer


class Refused(Exception):
    pass


def read_options():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Each can also come from the environment: BOT_URL, BOT_VENUE, and so on. "
        "Ctrl-C cancels the orders that are still open and ends.",
    )

    def option(name, default, **more):
        parser.add_argument(f"--{name}", default=os.environ.get(f"BOT_{name.upper()}") or default, **more)

    option("url", "http://127.0.0.1:8000", help="the exchange (%(default)s)")
    option("venue", "TESTEX", help="where to trade (%(default)s)")
    option("symbol", "FOOBAR", help="what to trade (%(default)s)")
    option("account", "NOISEBOTS", help="for whom to trade (%(default)s)")
    option("key", None, help="the account's key, where the exchange asks for keys")
    option("orders", None, type=int, metavar="N", help="stop after N orders")
    option("wait", 500, type=int, metavar="MS", help="about how long to wait between orders (%(default)s)")
    option("seed", None, type=int, metavar="N", help="the same N makes the same choices")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"noise.py: {refused}")
