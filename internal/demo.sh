# Checks the bank's policy and takes some decisions by it, for people. It runs at the root of the repository, after a build.

set -e

say() {
	printf '\n\033[1m%s\033[0m\n' "$1"
}
[ -t 1 ] && [ -z "$NO_COLOR" ] || say() {
	printf '\n%s\n' "$1"
}

say "rung check examples/bank"
bin/rung check examples/bank

for request in 01-small-transfer 02-large-transfer 03-very-large-transfer 04-new-device-while-elevated 05-sanctioned-country \
	06-reputation-needed 07-passkey-meets-all 11-after-a-password-change; do
	file=examples/bank/requests/$request.json
	say "rung eval examples/bank --format=text --request $file"
	bin/rung eval examples/bank --format=text --request $file
done

file=examples/bank/requests/08-device-not-known.json
say "rung eval examples/bank --format=text --explain --request $file"
bin/rung eval examples/bank --format=text --explain --request $file

say "There are more in examples/bank/requests; leave --format=text out for the decision as JSON."
