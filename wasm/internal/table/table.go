// Package table makes the constant data that the guest reads: regular expressions as automata, time zones, lists and sets of addresses to be
// searched, the ladder of levels. The forms are known here and to the C of package guest alone; there are no addresses in them, so that a
// module may put them anywhere. They are little-endian.
package table

import "encoding/binary"

var order = binary.LittleEndian
