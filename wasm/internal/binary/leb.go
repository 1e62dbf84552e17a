package binary

import "strconv"

// AppendU32 writes an unsigned number in LEB128, as short as can be.
func AppendU32(b []byte, n uint32) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// AppendS64 writes a signed number in LEB128, as short as can be.
func AppendS64(b []byte, n int64) []byte {
	for n < -0x40 || n >= 0x40 { // The seventh bit is the sign.
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n)&0x7f)
}

// hex writes a number as error messages have it.
func hex(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }
