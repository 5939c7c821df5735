#!/usr/bin/env bash
# Noise: buys and sells at random around the last price, with nothing but bash and curl.
set -e

url=${BOT_URL:-http://127.0.0.1:8000}
venue=${BOT_VENUE:-TESTEX}
symbol=${BOT_SYMBOL:-FOOBAR}
account=${BOT_ACCOUNT:-NOISEBOTS}
key=${BOT_KEY:-}
orders=${BOT_ORDERS:-}
wait=${BOT_WAIT:-500}
seed=${BOT_SEED:-}

usage() {
  cat <<END
Noise: buys and sells at random around the last price.

usage: examples/noise.sh [options]

  --url URL        the exchange (http://127.0.0.1:8000)
  --venue VENUE    where to trade (TESTEX)
  --symbol SYMBOL  what to trade (FOOBAR)
  --account NAME   for whom to trade (NOISEBOTS)
  --key KEY        the account's key, where the exchange asks for keys
  --orders N       stop after N orders (goes on until Ctrl-C)
  --wait MS        how long to wait between orders (500)
  --seed N         the same N makes the same choices (any)

Each can also come from the environment: BOT_URL, BOT_VENUE, and so on.
Ctrl-C cancels the orders that are still open and ends.
END
}

fail() {
  echo "noise.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --help) usage && exit ;;
    --url | --venue | --symbol | --account | --key | --orders | --wait | --seed)
      [ $# -ge 2 ] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    *) fail "unknown option $1; see --help" ;;
  esac
done
[[ $orders$wait$seed =~ ^[0-9]+$ ]] || fail "--orders, --wait and --seed are whole numbers"
[ -z "$seed" ] || RANDOM=$seed

# call METHOD PATH [curl options]: prints the answer. Ctrl-C lets it finish, so that no order is forgotten.
call() (
  trap '' INT
  method=$1 path=$2
  shift 2
  answer=$(curl --silent --show-error --max-time 10 --request "$method" \
    ${key:+--header "X-Starfighter-Authorization: $key"} "$@" \
    "${url%/}/ob/api/venues/$venue/stocks/$symbol$path") ||
    fail "cannot reach the exchange at $url; is it running?"
  [[ $answer =~ \"ok\":\ *true ]] || fail "$method $path: $answer"
  echo "$answer"
)

# field NAME ANSWER: a number out of an answer; nothing when it is not there.
field() {
  if [[ $2 =~ \"$1\":\ *([0-9]+) ]]; then echo "${BASH_REMATCH[1]}"; fi
}

mine=() # our orders that were not canceled yet, oldest first
placed=0

cancel_oldest() {
  call DELETE "/orders/${mine[0]}" >/dev/null
  mine=("${mine[@]:1}")
}

cancel_all() {
  while [ ${#mine[@]} -gt 0 ]; do cancel_oldest; done
  [ "$placed" = 0 ] || echo "noise.sh: orders placed: $placed, none left open"
}

stopping=
trap 'stopping=yes' INT TERM
trap cancel_all EXIT

echo "noise.sh: $account on $venue/$symbol at $url"
while [ -z "$stopping" ] && { [ -z "$orders" ] || [ "$placed" -lt "$orders" ]; }; do
  quote=$(call GET /quote)
  last=$(field last "$quote")
  price=$((${last:-5000} - 100 + RANDOM % 201))
  [ "$price" -ge 0 ] || price=0
  qty=$((50 + RANDOM % 101))
  if [ $((RANDOM % 2)) = 0 ]; then direction=buy; else direction=sell; fi

  order=$(call POST /orders --data "{\"account\": \"$account\", \"price\": $price, \"qty\": $qty,
    \"direction\": \"$direction\", \"orderType\": \"limit\"}")
  id=$(field id "$order")
  mine+=("$id")
  placed=$((placed + 1))
  echo "$direction $qty at $price: order $id, $(field totalFilled "$order") filled"

  [ ${#mine[@]} -le 10 ] || cancel_oldest
  sleep "$((wait / 1000)).$(printf %03d $((wait % 1000)))" || true # Ctrl-C ends it too
done
