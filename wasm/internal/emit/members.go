package emit

import (
	"net/netip"

	"github.com/rungpolicy/rung/policy"
)

func texts(values []policy.Value) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func numbers[T any](values []policy.Value) []T {
	out := make([]T, 0, len(values))
	for _, v := range values {
		if n, ok := v.(T); ok {
			out = append(out, n)
		}
	}
	return out
}

// ranges are addresses and ranges of them, an address as the range of it alone.
func ranges(values []policy.Value) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(values))
	for _, v := range values {
		switch v := v.(type) {
		case netip.Addr:
			out = append(out, netip.PrefixFrom(v, v.BitLen()))
		case netip.Prefix:
			out = append(out, v)
		}
	}
	return out
}
