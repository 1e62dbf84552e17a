# Prints the coverage of policy/... by its own tests, and the statements that none of them reaches.

set -e
mkdir -p .cache
go test -coverprofile .cache/cover.out ./policy/... 
awk 'NR > 1 { total += $2; if ($3 > 0 || $2 == 0) hit += $2; else print "not covered: " $1 }
     END { printf "policy/...: %.1f %% of %d statements\n", 100 * hit / total, total }' .cache/cover.out
