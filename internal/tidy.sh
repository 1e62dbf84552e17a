# Tidies every module, or those of the folders named. Those beside the library name it at a version that is not published; go.work
# says where it lies, but `go mod tidy` does not read go.work, and the replacement may not stay in a go.mod. So they are tidied in a
# copy of it that has one.

set -e
export GOWORK=off

for dir in ${*:-. tools cmd/rung bench bench/peers examples playground sdk/grpcguard sdk/rungotel}; do
	case $dir in
	. | tools | bench/peers)
		go -C "$dir" mod tidy
		continue
		;;
	esac
	(
		cd "$dir"
		trap 'rm -f tidy.mod tidy.sum' EXIT
		cp go.mod tidy.mod
		if [ -f go.sum ]; then cp go.sum tidy.sum; fi
		root=../$(git rev-parse --show-cdup | sed 's,^\.\./,,')
		go mod edit -replace "github.com/rungpolicy/rung=$root" -replace "github.com/rungpolicy/rung/playground=$root/playground" tidy.mod
		go mod tidy -modfile=tidy.mod
		go mod edit -dropreplace github.com/rungpolicy/rung -dropreplace github.com/rungpolicy/rung/playground tidy.mod
		mv tidy.mod go.mod
		mv tidy.sum go.sum
	)
done
