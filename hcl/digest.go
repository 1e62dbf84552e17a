package hcl

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
)

// digest is that of docs/language.md, "Digest": over the path and the SHA-256 of every policy and list file, in bytewise order of path.
func digest(sources []*diag.Source) string {
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b *diag.Source) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, s := range sources {
		sum := sha256.Sum256(s.Bytes)
		h.Write([]byte(s.Name + "\x00" + hex.EncodeToString(sum[:]) + "\n"))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
