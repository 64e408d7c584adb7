# What the guides' commands are written with: `source docs/guide.sh`, at the top of the checkout, beside a running server.
#   api PATH [options of curl]    calls the API with the key in $KEY: a GET, with -d a POST
#   pick [LIST:] FIELD …          prints these fields of a JSON answer: a line for the answer, for each of its `data`, or of LIST
# BILLWRIGHT_URL says where the server is, BILLWRIGHT_DATA_DIR where its data lies.
# shellcheck shell=bash

BILLWRIGHT_URL="${BILLWRIGHT_URL:-http://127.0.0.1:8080}"
# As scripts/run built it, or as it is deployed.
for directory in {"${CARGO_TARGET_DIR:-target}","${XDG_CACHE_HOME:-$HOME/.cache}/billwright/target"}/{debug,release}; do
  command -v billwright >/dev/null || [ ! -x "$directory/billwright" ] || PATH="$(cd "$directory" && pwd):$PATH"
done
# In a checkout that is not yours, scripts/run keeps the data in a place of your own.
if [ -z "${BILLWRIGHT_DATA_DIR:-}" ] && [ ! -e data ] && [ -e "${XDG_DATA_HOME:-$HOME/.local/share}/billwright" ]; then
  export BILLWRIGHT_DATA_DIR="${XDG_DATA_HOME:-$HOME/.local/share}/billwright"
fi

api() {
  curl -sS -w '\n' "$BILLWRIGHT_URL/v1/$1" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' "${@:2}"
}

pick() {
  python3 -c '
import json, signal, sys

# Whoever reads the first lines alone, as head does, ends it.
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

def field(value, path):
    for name in path.split("."):
        value = value and (value[int(name)] if isinstance(value, list) else value[name])
    return value

def shown(value):
    return value if isinstance(value, str) else "-" if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

text, names = sys.stdin.read(), sys.argv[1:]
try:
    answer = json.loads(text)
    if "request_id" in answer and "code" in answer:
        sys.exit(print(answer["status"], answer["code"] + ":", answer["detail"]))
    rows = answer["data"] if "data" in answer else answer
    if names and names[0].endswith(":"):
        rows = field(answer, names.pop(0)[:-1])
    if not names:
        sys.exit(print(json.dumps(rows, indent=2, ensure_ascii=False)))
    rows = [[shown(field(row, name)) for name in names] for row in (rows if isinstance(rows, list) else [rows])]
except (ValueError, KeyError, IndexError, TypeError) as problem:
    sys.exit("pick: %s: %s in %s" % (type(problem).__name__, problem, text))
wide = [max(len(row[n]) for row in rows) for n in range(len(names))] if len(rows) > 1 else [0] * len(names)
for row in rows:
    print(" ".join(text.ljust(width) for text, width in zip(row, wide)).rstrip())
' "$@"
}
