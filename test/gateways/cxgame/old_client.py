#!/usr/bin/env python3
"""Calls every command of a running game as an old client does, and looks at the form of what comes back.

One JSON line a check: {"check": "...", "ok": true}, with "why" when it failed. Exit code 1 when any did.
It wants a fresh game that runs (not paused), as other players' orders would stand in the way; without whitelist, or
with the two names of --names on it. With --secret it also pauses and starts the game, and ends it at last; --keep
leaves it running.
"""

import argparse
import asyncio
import json
import re
import sys
import threading
import time
import traceback
from decimal import Decimal

import websockets
from cxclient import CENT, CRYPTO, CxClient, CxCmdClient, rounded, tls_context

PAUSED = 'Server is paused. Wait for admin "start" command.'
ENDED = "Time limit reached. Shutting down."
LIMIT_KEYS = {"timestamp", "id", "size", "price", "side", "status", "filled_size", "user"}
MARKET_KEYS = {"timestamp", "id", "price", "amount", "side", "status", "filled_size", "user"}
UNAUTHENTICATED = {
    "Must be authenticated.": "buy sell buy_market sell_market fills completed audit start pause shutdown",
    "Must be authenticated to cancel orders.": "cancel",
    "Must be authenticated to get market price.": "price",
    "Must be authenticated to get open orders.": "orders all_orders",
    "Must be authenticated to get wallets.": "wallets",
    "Must be authenticated to broadcast messages.": "bcast",
}
failures = 0


def main():
    options = read_options()
    host, port = options.exchange
    access = {"host": host, "port": port, "tls": options.tls, "verify": False}
    feed = Feed(*options.feed, options.tls)
    maker, taker = CxClient(**access), CxClient(**access)
    players(access, feed, maker, taker, options.names)
    sold, bought = limit_orders(feed, maker, taker)
    market_orders(feed, maker, taker)
    lists(maker, taker, bought)
    canceling(feed, maker, taker, sold, bought)
    the_rest(access, feed, maker, open_to_all=options.names is None)
    admin(access, feed, maker, options.secret)
    if options.secret and not options.keep:
        the_end(feed, maker, options.secret)
    return 1 if failures else 0


def check(name, condition, seen=None):
    """One line. What was seen is shown when it is not as it should be."""
    global failures
    line = {"check": name, "ok": bool(condition)}
    if not condition:
        failures += 1
        line["why"] = f"seen: {seen!r}"
    print(json.dumps(line), flush=True)


def check_reply(name, reply, message, data_is=lambda data: data is None):
    fits = reply.status is True and reply.msg == message and data_is(reply.data)
    check(name, fits and set(reply.raw) == {"status", "message", "data"}, reply)


def check_refusal(name, reply, message):
    check(name, reply.status is False and reply.msg == message and reply.data is None, reply)


def players(access, feed, maker, taker, names):
    stranger = CxClient(**access)
    for message, commands in UNAUTHENTICATED.items():
        for command in commands.split():
            check_refusal(f"{command} before auth", stranger.r(command), message)
    try:
        stranger.price()
        check("price() raises when there is no price", False)
    except TypeError:
        check("price() raises when there is no price", True)

    clock = time.time()
    for client, name in zip((maker, taker), names or (f"old-maker-{clock}", f"old-taker-{clock}")):
        reply = client.register(name)
        check_reply("register", reply, "Registered", is_hex64)
        feed.check("info", f"Registered: {name}")
    check_refusal("register once more", CxClient(**access).register(maker.username), "User already registered.")
    check_refusal("register without a name", stranger.r("register"), 'Missing "username" in params.')

    again = CxClient(**access)
    check_reply("auth", again.auth(maker.username, maker.token), "Authenticated")
    feed.check("info", f"Authenticated: {maker.username}")
    check_refusal("auth without a name", stranger.r("auth"), 'Missing "username" in params.')
    check_refusal("auth without a token", stranger.r("auth", username=maker.username), 'Missing "token" in params.')
    unknown = stranger.r("auth", username=f"nobody-{clock}", token="0" * 64)
    check_refusal("auth of an unknown name", unknown, "User is not registered.")
    wrong = stranger.r("auth", username=maker.username, token="0" * 64)
    check_refusal("auth with a wrong token", wrong, "Authentication failed: Invalid token.")
    check("a second connection has the same wallet", again.wallets().data == maker.wallets().data)


def limit_orders(feed, maker, taker):
    price = maker.price()
    check_reply("price", price, "Market price.", lambda data: isinstance(data, Decimal))
    check("a price is text with two decimals", re.fullmatch(r"\d+\.\d\d", str(price.raw["data"])), price.raw)
    check("a price is text", isinstance(price.raw["data"], str), price.raw)
    mid = price.data

    start = maker.wallets()
    check_reply("wallets", start, "Wallets.", lambda data: set(data) == {"usd", "crypto"} and are_decimals(data))
    sold = maker.sell(mid + 2, "0.5")
    check_reply("sell", sold, "Sell order placed.", lambda data: is_limit_order(data, "sell", maker))
    check("the size of an order has ten decimals", sold.data["size"] == "0.5000000000", sold.data)
    check("an order's price is as it was asked", Decimal(sold.data["price"]) == mid + 2, sold.data)
    feed.check("sell", sold.data)
    after = Decimal(maker.wallets().data["crypto"])
    check("a sell reserves its crypto", after == Decimal(start.data["crypto"]) - Decimal("0.5"), after)

    before = Decimal(taker.wallets().data["usd"])
    bought = taker.buy(mid - 20, Decimal("0.25"))
    check_reply("buy", bought, "Buy order placed.", lambda data: is_limit_order(data, "buy", taker))
    reserved = rounded((mid - 20) * Decimal("0.25"), CENT)
    check("a buy says what it reserved", abs(Decimal(bought.data["usd_used"]) - Decimal(reserved)) <= CENT, bought)
    feed.check("buy", bought.data)
    after = Decimal(taker.wallets().data["usd"])
    check("a buy reserves its dollars", before - after == Decimal(bought.data["usd_used"]), after)

    check("dollars are rounded half to even", (rounded("0.125", CENT), rounded("0.135", CENT)) == ("0.12", "0.14"))
    check("a tiny size is sent in exponent form", rounded("0.00000005", CRYPTO) == "5.00E-8")
    tiny = maker.sell(mid + 15, "0.00000005")
    same = lambda data: is_limit_order(data, "sell", maker) and Decimal(data["size"]) == Decimal("5E-8")
    check_reply("exponent form is read", tiny, "Sell order placed.", same)

    check_refusal("buy without a price", maker.r("buy", size="1"), 'Must size "price" and "size" in params.')
    smallest = "Size must be greater than or equal to 1E-8"
    check_refusal("a size that is too small", maker.buy(mid - 1, "0.000000001"), smallest)
    lowest = "Price must be greater than or equal to 0.1"
    check_refusal("a price that is too low", maker.buy("0.09", 1), lowest)
    mid = maker.price().data
    check_refusal("a buy at the mid", taker.buy(mid, "0.01"), f"Price must be < market price ({mid}).")
    under = maker.sell(mid - CENT, "0.01")
    check_refusal("a sell under the mid", under, f"Price must be >= market price ({mid}).")
    check_refusal("a buy without the dollars", taker.buy(mid - 1, 5000), "Not enough USD.")
    check_refusal("a sell without the crypto", maker.sell(mid + 1, 800000), "Size is > available.")
    word = taker.r("buy", price="much", size="1")
    refused = word.status is False and word.msg.startswith("Invalid command: buy. error=")
    check("a price that is no number", refused, word)
    return sold.data, bought.data


def market_orders(feed, maker, taker):
    bought = taker.buy_market("20.00")
    is_order = lambda data: is_market_order(data, "buy_market", taker)
    check_reply("buy_market", bought, "Market buy order placed.", is_order)
    check("its amount is dollars", bought.data["amount"] == "20.00", bought.data)
    feed.check("buy_market", bought.data)
    match = feed.wait(lambda it: it["type"] == "match" and it["message"]["buy_id"] == bought.data["id"])
    check("feed: match", match and is_match(match["message"]), match)

    sold = maker.sell_market("0.05")
    is_order = lambda data: is_market_order(data, "sell_market", maker)
    check_reply("sell_market", sold, "Market sell order placed.", is_order)
    check("its amount is crypto", sold.data["amount"] == "0.0500000000", sold.data)
    feed.check("sell_market", sold.data)

    absent = 'Must have "amount" in params.'
    check_refusal("a market order without an amount", taker.r("buy_market"), absent)
    smallest = "Amount must be greater than or equal to 10.00"
    check_refusal("a market buy that is too small", taker.buy_market("9.99"), smallest)
    smallest = "Amount must be greater than or equal to 1E-8"
    check_refusal("a market sell that is too small", taker.sell_market(0), smallest)
    check_refusal("a market buy without the dollars", taker.buy_market("1E+12"), "Not enough USD to buy.")
    poor = taker.sell_market(800000)
    wanted = r"Not enough crypto to sell\. \S+ > \S+"
    check("a market sell without the crypto", poor.status is False and re.fullmatch(wanted, poor.msg), poor)


def lists(maker, taker, bought):
    own = maker.orders()
    check_reply("orders", own, "Open orders list.", is_two_lists)
    check("orders are one's own", {it["user"] for it in own.data["maker"]} == {maker.username}, own.data)
    everybody = maker.all_orders()
    check_reply("all_orders", everybody, "All orders list.", is_two_lists)
    ids = {it["id"] for it in everybody.data["maker"]}
    check("all_orders are everybody's", bought["id"] in ids, everybody.data)
    for client in (maker, taker):
        is_list = lambda data: len(data) > 0 and all(is_fill(it) for it in data)
        check_reply("fills", client.fills(), "Here are your fills.", is_list)
    mine, yours = ({it["fill_id"] for it in client.fills().data} for client in (maker, taker))
    check("each player has a fill of its own", not mine & yours, (mine, yours))
    completed = taker.completed()
    is_list = lambda data: len(data) > 0 and all(it["status"] in ("filled", "cancel") for it in data)
    check_reply("completed", completed, "Completed orders.", is_list)


def canceling(feed, maker, taker, sold, bought):
    check_refusal("cancel without an id", maker.r("cancel"), 'Missing "order_id" in params.')
    check_refusal("cancel of an unknown id", maker.cancel("0" * 64), f"Order not found: {'0' * 64}")
    foreign = maker.cancel(bought["id"])
    not_found = foreign.msg in (f"Order not found: {bought['id']}", "Order not found.")
    check("cancel of another's order", foreign.status is False and foreign.data is None and not_found, foreign)
    check_reply("cancel", taker.cancel(bought["id"]), "Order cancelled and removed.")
    feed.check("cancel", bought["id"])
    check_refusal("cancel once more", taker.cancel(bought["id"]), f"Order not found: {bought['id']}")

    check_reply("cancel of what is left", maker.cancel(sold["id"]), "Order cancelled and removed.")
    kept = [it for it in maker.completed().data if it["id"] == sold["id"]]
    check("a canceled order that had traded is kept", kept and kept[0]["status"] == "cancel", kept)

    # With nobody else's orders on the other side a market order rests, and old bots try to cancel those too.
    for order in maker.orders().data["maker"]:
        maker.cancel(order["id"])
    before = taker.wallets().data
    taker.sell(taker.price().data + 10, "0.1")
    resting = taker.buy_market("12.00")
    if resting.status and any(it["id"] == resting.data["id"] for it in taker.orders().data["market"]):
        check_reply("cancel of a market order", taker.cancel(resting.data["id"]), "Order cancelled and removed.")
        feed.check("cancel", resting.data["id"])
    for order in taker.orders().data["maker"]:
        taker.cancel(order["id"])
    after = taker.wallets().data
    traded = any(resting.data["id"] in (it["buy_id"], it["sell_id"]) for it in taker.fills().data)
    unchanged = {key: Decimal(after[key]) - Decimal(before[key]) for key in before}
    check("canceling gives everything back", traded or not any(unchanged.values()), (before, after))


def the_rest(access, feed, maker, open_to_all):
    message = {"nested": [1, "two", None, {"three": True}]}
    check_reply("broadcast", maker.broadcast(message), "Message broadcasted.")
    feed.check("bcast", message, user=maker.username)
    check_reply("audit", maker.audit(), "Audit done.", lambda data: data == [])

    for request in ({"cmd": "reset", "params": {}}, {"cmd": "price"}, {}, []):
        answer = maker.ask(request)
        invalid = {"status": False, "message": "Invalid message", "data": None}
        check(f"Invalid message: {json.dumps(request)}", answer == invalid, answer)

    client = CxClient(**access, username=maker.username, token=maker.token)
    check("r('reset') is the client's own affair", client.r("reset") is True and client.token is None)
    check("r('reset') makes a new name", re.fullmatch(r"test-\d+-[\d.]+", client.username), client.username)
    check_refusal("r('reset') does not register", client.wallets(), "Must be authenticated to get wallets.")
    if open_to_all:
        older = CxCmdClient(**access)
        older.m("reset")
        check("m('reset'): the next call registers", are_decimals(older.m("wallets") or {"": None}))
        answer = older.m("audit")
        decoded = {"status": True, "message": "Audit done.", "data": []}
        check("m() gives the decoded object", answer == decoded, answer)
        older.client.username = "changed"
        check("m() of a query that fails is False", older.m("price") is False)


def admin(access, feed, maker, secret):
    required, invalid = "Admin secret required.", "Invalid admin secret."
    absent = maker.r("start")
    # A server that has no secret says of anything that it is wrong, and without --secret we cannot know.
    told = absent.msg == required or (not secret and absent.msg == invalid)
    check("start without a secret", absent.status is False and absent.data is None and told, absent)
    check_refusal("start with a wrong secret", maker.start("certainly wrong"), invalid)
    check_refusal("pause with a wrong secret", maker.pause("certainly wrong"), invalid)
    check_refusal("shutdown with a wrong secret", maker.shutdown("certainly wrong"), invalid)
    if not secret:
        return
    check_reply("pause", maker.pause(secret), "Command accepted. Server is paused.")
    feed.check("pause", "Server is paused.")
    check_refusal("a command while paused", maker.wallets(), PAUSED)
    check_refusal("an unknown command while paused", maker.r("unheard-of"), "Invalid message")
    check_reply("start", maker.start(secret), "Command accepted. Open for business.")
    feed.check("start", "Open for business.")
    check_reply("a command after the start", maker.audit(), "Audit done.", lambda data: data == [])


def the_end(feed, maker, secret):
    order = maker.sell(maker.price().data + 5, "0.5").data
    bid = maker.buy(maker.price().data - 5, "0.5").data
    check_reply("shutdown", maker.shutdown(secret), "Command accepted. Shutting down.")
    code = feed.ended()
    check("the feed closes with 1001", code == 1001, code)
    told = feed.told
    types = [it["type"] for it in told]
    last = max(i for i, it in enumerate(told) if it.get("message") == "Shutdown command.")
    tail = told[last:]
    check("feed: shutdown, by the command", tail[0] == {"type": "shutdown", "message": "Shutdown command."}, tail[0])
    check("feed: shutdown, the end", tail[1:2] == [{"type": "shutdown", "message": ENDED}], tail[1:2])
    in_order = types[-2:] == ["csv", "result"] and set(types[last + 2 : -2]) == {"cancel"}
    check("feed: cancels, csv, result", in_order, types)
    canceled = {it["message"] for it in tail if it["type"] == "cancel"}
    check("feed: every open order is canceled", {order["id"], bid["id"]} <= canceled, canceled)

    csv, result = tail[-2], tail[-1]
    header = '"user","crypto","usd","holdings"\n'
    check("feed: csv", csv.get("message") == ENDED and csv["data"].startswith(header), csv)
    rows = csv["data"].splitlines()[1:]
    form = r'"[^"]*","[-+.\dE]+","[-+.\dE]+","\d+\.\d\d"'
    check("every row is quoted", rows and all(re.fullmatch(form, row) for row in rows), rows)
    check("the csv ends with a line end", csv["data"].endswith('"\n'), csv)
    ranking = result["data"]["ranking"]
    keys = {"rank", "user", "crypto", "usd", "holdings"}
    check("feed: result", all(set(it) == keys for it in ranking) and ranking[0]["rank"] == 1, result)
    holdings = [Decimal(it["holdings"]) for it in ranking]
    check("the ranking begins with the richest", holdings == sorted(holdings, reverse=True), holdings)
    users = sorted(it["user"].replace('"', "-") for it in ranking)
    check("csv and ranking have the same players", users == sorted(row.split('"')[1] for row in rows), users)
    price = Decimal(result["data"]["final_price"])
    worth = [rounded(Decimal(it["usd"]) + Decimal(it["crypto"]) * price, CENT) for it in ranking]
    check("holdings are at the final price", worth == [it["holdings"] for it in ranking], ranking)

    try:
        answer = maker.wallets()
        check("nothing trades after the end", answer.msg == "Game has ended.", answer)
    except (OSError, websockets.exceptions.WebSocketException):
        check("nothing trades after the end", True)


def is_hex64(text):
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{64}", text) is not None


def is_decimal(text):
    """Text, never a number; plain or in exponent form: both read the same."""
    return isinstance(text, str) and re.fullmatch(r"-?\d+(\.\d+)?(E[-+]?\d+)?", text) is not None


def are_decimals(values):
    return all(is_decimal(it) for it in values.values())


def is_limit_order(order, side, player):
    """As it was placed, before anything matched."""
    keys = LIMIT_KEYS | {"usd_used"} if side == "buy" else LIMIT_KEYS
    return set(order) == keys and is_decimal(order["size"]) and is_new_order(order, side, player)


def is_market_order(order, side, player):
    return set(order) == MARKET_KEYS and is_decimal(order["amount"]) and is_new_order(order, side, player)


def is_new_order(order, side, player):
    is_number = isinstance(order["timestamp"], (int, float)) and not isinstance(order["timestamp"], bool)
    as_placed = (order["side"], order["status"], order["filled_size"], order["user"])
    wanted = (side, "open", "0.00", player.username)
    return is_number and as_placed == wanted and is_hex64(order["id"]) and is_decimal(order["price"])


def is_two_lists(data):
    return set(data) == {"maker", "market"} and all(isinstance(it, list) for it in data.values())


def is_fill(fill):
    keys = {"fill_id", "filled_size", "price", "buy_id", "sell_id"}
    return set(fill) == keys and is_decimal(fill["filled_size"]) and is_decimal(fill["price"])


def is_match(match):
    keys = {"size", "price", "buy_id", "sell_id"}
    return set(match) == keys and is_decimal(match["price"]) and Decimal(match["size"]) > 0


class Feed:
    """Listens in a thread of its own, from before the first command to the end."""

    def __init__(self, host, port, tls):
        self.told = []
        self.code = None
        self.open = self.over = False
        self.news = threading.Condition()
        threading.Thread(target=lambda: asyncio.run(self._listen(host, port, tls)), daemon=True).start()
        with self.news:
            self.news.wait_for(lambda: self.open or self.over, 10)
        check("the feed opens", self.open, self.code)

    async def _listen(self, host, port, tls):
        options = {"ssl": tls_context(False)} if tls else {}
        try:
            async with websockets.connect(f"{'wss' if tls else 'ws'}://{host}:{port}", **options) as socket:
                with self.news:
                    self.open = True
                    self.news.notify_all()
                while True:
                    message = json.loads(await socket.recv())
                    with self.news:
                        self.told.append(message)
                        self.news.notify_all()
        except websockets.exceptions.ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd else 1006
        except OSError as error:
            self.code = str(error)
        finally:
            with self.news:
                self.over = True
                self.news.notify_all()

    def wait(self, fits, seconds=5):
        """The first message that fits, of those that came and those that come; None after so many seconds."""
        find = lambda: next((it for it in self.told if fits(it)), None)
        with self.news:
            self.news.wait_for(lambda: find() or self.over, seconds)
            return find()

    def check(self, kind, message, **more):
        wanted = {"type": kind, "message": message, **more}
        found = self.wait(lambda it: it == wanted)
        check(f"feed: {kind}", found, [it for it in self.told if it.get("type") == kind][-1:])

    def ended(self):
        with self.news:
            self.news.wait_for(lambda: self.over, 10)
        return self.code


def read_options():
    def address(text):
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit():
            raise argparse.ArgumentTypeError(f"not HOST:PORT: {text}")
        return host, int(port)

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exchange", type=address, metavar="HOST:PORT")
    parser.add_argument("feed", type=address, metavar="FEEDHOST:FEEDPORT")
    parser.add_argument("--secret", help="the admin secret: also pause, start and shutdown")
    parser.add_argument("--keep", action="store_true", help="do not shut the game down at last")
    parser.add_argument("--tls", action="store_true", help="wss, whatever the certificate")
    parser.add_argument("--names", nargs=2, metavar="NAME", help="the two players, where there is a whitelist")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:  # an answer of a form that nobody foresaw is a failed check too
        traceback.print_exc()
        check("every command was called", False, error)
        sys.exit(1)
