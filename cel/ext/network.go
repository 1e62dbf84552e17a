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
			{Name: "cidr", Doc: "cidr(string) -> cidr: '10.0.0.0/8'; no IPv4-mapped IPv6", Example: "cidr('10.0.0.0/8').containsIP('10.1.2.3')"},
			{Name: "containsCIDR", Doc: "cidr.containsCIDR(cidr | string) -> bool: the other is part of it", Example: "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')"},
			{Name: "containsIP", Doc: "cidr.containsIP(ip | string) -> bool: the address is in it", Example: "cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))"},
			{Name: "family", Doc: "ip.family() -> int: 4 or 6", Example: "ip('::1').family() == 6"},
			{Name: "ip", Doc: "ip(string) -> ip, cidr.ip() -> ip: an address; no zone, no IPv4-mapped IPv6", Example: "ip('192.0.2.1') == ip('192.0.2.1') && cidr('10.0.0.0/8').ip() == ip('10.0.0.0')"},
			{Name: "ip.isCanonical", Doc: "ip.isCanonical(string) -> bool: written the one canonical way", Example: "!ip.isCanonical('2001:DB8::1')"},
			{Name: "isCIDR", Doc: "isCIDR(string) -> bool: cidr() takes it", Example: "isCIDR('10.0.0.0/8')"},
			{Name: "isGlobalUnicast", Doc: "ip.isGlobalUnicast() -> bool", Example: "ip('192.0.2.1').isGlobalUnicast()"},
			{Name: "isIP", Doc: "isIP(string) -> bool: ip() takes it", Example: "isIP('192.0.2.1') && !isIP('192.0.2')"},
			{Name: "isLinkLocalMulticast", Doc: "ip.isLinkLocalMulticast() -> bool", Example: "ip('224.0.0.1').isLinkLocalMulticast()"},
			{Name: "isLinkLocalUnicast", Doc: "ip.isLinkLocalUnicast() -> bool", Example: "ip('169.254.0.1').isLinkLocalUnicast()"},
			{Name: "isLoopback", Doc: "ip.isLoopback() -> bool", Example: "ip('127.0.0.1').isLoopback()"},
			{Name: "isMask", Doc: "cidr.isMask() -> bool: no bits past its length", Example: "cidr('10.0.0.0/8').isMask()"},
			{Name: "isUnspecified", Doc: "ip.isUnspecified() -> bool: all zero", Example: "ip('0.0.0.0').isUnspecified()"},
			{Name: "masked", Doc: "cidr.masked() -> cidr: without the bits past its length", Example: "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')"},
			{Name: "prefixLength", Doc: "cidr.prefixLength() -> int", Example: "cidr('10.0.0.0/8').prefixLength() == 8"},
			{Name: "string", Doc: "string(ip | cidr) -> string", Example: "string(ip('192.0.2.1')) == '192.0.2.1'"},
		},
	}
}
