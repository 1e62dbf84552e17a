# Tidies every module. Those beside the library name it at a version that is not published; go.work says where it lies, but `go mod tidy`
# does not read go.work, and the replacement may not stay in a go.mod. So they are tidied in a copy of it that has one.

set -e
export GOWORK=off

go mod tidy
go -C tools mod tidy
for dir in $(find . -name go.mod -not -path './go.mod' -not -path './tools/*' -not -path '*/node_modules/*' -exec dirname {} \;); do
	(
		cd "$dir"
		root=$(git rev-parse --show-cdup)
		cp go.mod tidy.mod
		cp go.sum tidy.sum 2>/dev/null || true
		trap 'rm -f tidy.mod tidy.sum' EXIT
		go mod edit -replace "github.com/rungpolicy/rung=$root" tidy.mod
		go mod tidy -modfile=tidy.mod
		go mod edit -dropreplace github.com/rungpolicy/rung tidy.mod
		mv tidy.mod go.mod
		mv tidy.sum go.sum
	)
done
