package guest_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

// address is an address, or a range with its bits, as it lies in memory.
func address(a netip.Addr, bits int) []byte {
	b := a.As16()
	family := byte(6)
	if a.Is4() {
		family = 4
		if bits >= 0 {
			bits += 96
		}
	}
	return append([]byte{family, byte(max(bits, 0)), 0, 0}, b[:]...)
}

func ipBytes(a netip.Addr) []byte     { return address(a, -1) }
func cidrBytes(p netip.Prefix) []byte { return address(p.Addr(), p.Bits()) }
func found(code uint64, b []byte) result {
	if code != 0 {
		return result{returned: code, show: leavesAddress}
	}
	return result{show: leavesAddress, bytes: string(b)}
}

// randomIP has many zeros and special bits.
func randomIP(r *rand.Rand) netip.Addr {
	if r.IntN(2) == 0 {
		b := [4]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(3)), byte(r.IntN(256))}
		switch r.IntN(6) {
		case 0:
			b = [4]byte{}
		case 1:
			b = [4]byte{255, 255, 255, 255}
		case 2:
			b[0] = []byte{127, 169, 224, 239, 240}[r.IntN(5)]
			b[1] = []byte{0, 254, 1}[r.IntN(3)]
		}
		return netip.AddrFrom4(b)
	}
	for {
		var b [16]byte
		for i := range b {
			if r.IntN(3) == 0 {
				b[i] = byte(r.IntN(256))
			}
		}
		switch r.IntN(5) {
		case 0:
			b[0] = []byte{0xff, 0xfe, 0xfc}[r.IntN(3)]
			b[1] = []byte{0x02, 0x80, 0xbf, 0xc0, 0x12}[r.IntN(5)]
		case 1:
			b = [16]byte{15: byte(r.IntN(3))}
		}
		if a := netip.AddrFrom16(b); !a.Is4In6() {
			return a
		}
	}
}

func randomPrefix(r *rand.Rand) netip.Prefix {
	a := randomIP(r)
	p := netip.PrefixFrom(a, r.IntN(a.BitLen()+1))
	if r.IntN(2) == 0 {
		p = p.Masked()
	}
	return p
}

func parseIPCall(s string) call {
	a, err := netip.ParseAddr(s)
	if err == nil && (a.Zone() != "" || a.Is4In6()) {
		return call{"rt_ip_parse", []any{s}, found(badValue, nil)}
	}
	return call{"rt_ip_parse", []any{s}, found(codeOf(err), ipBytes(a))}
}

func parseCIDRCall(s string) call {
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() {
		return call{"rt_cidr_parse", []any{s}, found(badValue, nil)}
	}
	return call{"rt_cidr_parse", []any{s}, found(codeOf(err), cidrBytes(p))}
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	r := newRand()
	const alphabet = "0123456789abcdefABCDEF::::..../%g"
	var calls []call
	for _, s := range []string{
		"", ".", ":", "::", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3", "1..2.3", "01.2.3.4", "0.0.0.0", "256.1.1.1", "00.0.0.0",
		"1.2.3.4%eth0", "fe80::1%eth0", "fe80::1%", "%", "::%", "::1.2.3.4", "::ffff:1.2.3.4", "::ffff:0:1.2.3.4", "1::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7", "::1:2:3:4:5:6:7:8", "1::2::3", "12345::", "1:", ":1",
		"1:2:3:4:5:6:7:", "1.2.3.4/", "1.2.3.4/0", "1.2.3.4/00", "1.2.3.4/01", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/+1", "1.2.3.4/-0", "::/0", "::/128", "::/129", "::/999999999999",
		"::1%x/64", "1.2.3.4/1/2", "/", "/8", "::ffff:1.2.3.4/96", "::fffe:0:0/95", "::1.2.3.4:5", "1::1.2.3", "1:1.2.3.4::",
	} {
		calls = append(calls, parseIPCall(s), parseCIDRCall(s))
	}
	for range 100_000 {
		a := randomIP(r)
		s := a.String()
		switch r.IntN(4) {
		case 0:
			s = a.StringExpanded()
		case 1:
			s = strings.ToUpper(s)
		case 2:
			s = fmt.Sprintf("%x:%x::%x:%s", r.IntN(70000), r.IntN(10), r.IntN(10), randomIP(r))
		}
		calls = append(calls, parseIPCall(mutate(r, s, alphabet)), parseCIDRCall(mutate(r, fmt.Sprintf("%s/%d", s, r.IntN(140)), alphabet)))
	}
	run(t, calls)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 40_000 {
		a, b, p, q := randomIP(r), randomIP(r), randomPrefix(r), randomPrefix(r)
		if r.IntN(3) == 0 {
			b = a
		}
		if r.IntN(2) == 0 { // related ones
			q = netip.PrefixFrom(p.Addr(), r.IntN(p.Addr().BitLen()+1))
			if r.IntN(2) == 0 {
				q = q.Masked()
			}
			a = q.Addr()
		}
		ip, cidr := ipBytes(a), cidrBytes(p)
		length := uint64(p.Bits())
		family := uint64(6)
		if a.Is4() {
			family = 4
		}
		masked := p.Masked()
		calls = append(calls,
			call{"rt_ip_eq", []any{ip, ipBytes(b)}, boolean(a == b)},
			call{"rt_cidr_eq", []any{cidr, cidrBytes(q)}, boolean(p == q)},
			call{"rt_cidr_eq", []any{cidr, cidrBytes(p)}, boolean(true)},
			call{"rt_cidr_contains_ip", []any{cidr, ip}, boolean(p.Contains(a))},
			call{"rt_cidr_contains_cidr", []any{cidr, cidrBytes(q)}, boolean(p.Overlaps(q) && p.Bits() <= q.Bits())},
			call{"rt_ip_to_str", []any{ip}, made(a.String())},
			call{"rt_cidr_to_str", []any{cidr}, made(p.String())},
			call{"rt_ip_family", []any{ip}, result{returned: family}},
			call{"rt_cidr_prefix_length", []any{cidr}, result{returned: length}},
			call{"rt_cidr_ip", []any{cidr}, result{show: returnsAddress, bytes: string(ipBytes(p.Addr()))}},
			call{"rt_cidr_masked", []any{cidr}, result{show: returnsAddress, bytes: string(cidrBytes(masked))}},
			call{"rt_cidr_is_mask", []any{cidr}, boolean(p.Addr() == masked.Addr())},
			call{"rt_ip_is", []any{ip, uint64(0)}, boolean(a.IsUnspecified())},
			call{"rt_ip_is", []any{ip, uint64(1)}, boolean(a.IsLoopback())},
			call{"rt_ip_is", []any{ip, uint64(2)}, boolean(a.IsLinkLocalUnicast())},
			call{"rt_ip_is", []any{ip, uint64(3)}, boolean(a.IsLinkLocalMulticast())},
			call{"rt_ip_is", []any{ip, uint64(4)}, boolean(a.IsGlobalUnicast())})
		s := a.String()
		if r.IntN(2) == 0 {
			s = strings.ToUpper(a.StringExpanded())
		}
		calls = append(calls, call{"rt_ip_is_canonical", []any{s}, value(0, boolean(s == a.String()).returned)})
	}
	calls = append(calls, call{"rt_ip_is_canonical", []any{"no address"}, value(badValue)}, call{"rt_ip_is_canonical", []any{"::ffff:1.2.3.4"}, value(badValue)})
	run(t, calls)
}
