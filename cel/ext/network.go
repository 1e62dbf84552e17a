package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// network is IP addresses and ranges. `string` and `ip` have overloads in other libraries, or as methods.
func network() Library {
	return Library{
		Name:    "network",
		Doc:     "IP addresses and ranges.",
		Options: []cel.EnvOption{celext.Network()},
		Funcs: []Func{
			{Name: "cidr", Doc: "cidr(string) -> cidr: '10.0.0.0/8'; no IPv4-mapped IPv6"},
			{Name: "containsCIDR", Doc: "cidr.containsCIDR(cidr | string) -> bool: the other is part of it"},
			{Name: "containsIP", Doc: "cidr.containsIP(ip | string) -> bool: the address is in it"},
			{Name: "family", Doc: "ip.family() -> int: 4 or 6"},
			{Name: "ip", Doc: "ip(string) -> ip, cidr.ip() -> ip: an address; no zone, no IPv4-mapped IPv6"},
			{Name: "ip.isCanonical", Doc: "ip.isCanonical(string) -> bool: written the one canonical way"},
			{Name: "isCIDR", Doc: "isCIDR(string) -> bool: cidr() takes it"},
			{Name: "isGlobalUnicast", Doc: "ip.isGlobalUnicast() -> bool"},
			{Name: "isIP", Doc: "isIP(string) -> bool: ip() takes it"},
			{Name: "isLinkLocalMulticast", Doc: "ip.isLinkLocalMulticast() -> bool"},
			{Name: "isLinkLocalUnicast", Doc: "ip.isLinkLocalUnicast() -> bool"},
			{Name: "isLoopback", Doc: "ip.isLoopback() -> bool"},
			{Name: "isMask", Doc: "cidr.isMask() -> bool: no bits past its length"},
			{Name: "isUnspecified", Doc: "ip.isUnspecified() -> bool: all zero"},
			{Name: "masked", Doc: "cidr.masked() -> cidr: without the bits past its length"},
			{Name: "prefixLength", Doc: "cidr.prefixLength() -> int"},
			{Name: "string", Doc: "string(ip | cidr) -> string"},
		},
	}
}
