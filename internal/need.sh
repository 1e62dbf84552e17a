# Stops with a message where this machine lacks what everything needs. It runs before every target, so it is quick.

fail() {
	echo "$1" >&2
	exit 1
}

# at_least FOUND WANTED: versions as major.minor
at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -t . -k 1,1n -k 2,2n | head -n 1)" = "$2" ]
}

command -v go >/dev/null || fail "rung needs Go 1.26 or later: https://go.dev/doc/install"
go=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//' | cut -d . -f 1,2)
at_least "$go" 1.26 || fail "rung needs Go 1.26 or later; here is $go: https://go.dev/doc/install"

command -v node >/dev/null || fail "rung needs Node.js 20 or later: https://nodejs.org/en/download"
node=$(node --version | sed 's/^v//' | cut -d . -f 1,2)
at_least "$node" 20.0 || fail "rung needs Node.js 20 or later; here is $node: https://nodejs.org/en/download"
