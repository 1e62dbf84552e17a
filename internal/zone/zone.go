// Package zone holds the world's time zones, embedded.
//
// Every engine reads this file, so that a policy means the same wherever it runs: neither the system's zone files nor the
// ZONEINFO variable are looked at. The file is Go's lib/time/zoneinfo.zip as it comes: an uncompressed zip.
package zone

import (
	_ "embed" // zoneinfo.zip
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Version is the version of the IANA data in zoneinfo.zip.
const Version = "2025c"

//go:embed zoneinfo.zip
var zip string

// errLocal is why there is no zone of the machine.
var errLocal = errors.New("the zone `Local` differs from machine to machine: name the zone")

// entry is where a zone's TZif data lie in the zip.
type entry struct{ start, size int }

// index reads the zip's directory, once.
var index = sync.OnceValue(func() map[string]entry { return readDirectory(zip) })

// Load returns the zone of an IANA name, letter case included. "UTC" is there; "" and "Local" are not.
func Load(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	if strings.EqualFold(name, "local") {
		return nil, errLocal
	}
	tz, ok := Data(name)
	if !ok {
		return nil, fmt.Errorf("unknown time zone %s", name)
	}
	loc, err := time.LoadLocationFromTZData(name, []byte(tz))
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %s", name)
	}
	return loc, nil
}

// Data returns the TZif data (RFC 9636) of a zone, as the zip has it.
func Data(name string) (string, bool) {
	e, ok := index()[name]
	if !ok {
		return "", false
	}
	return zip[e.start : e.start+e.size], true
}

// Offset reads a zone that is written as an offset from UTC, "+01:30", "01:30" or "-01:30", as cel-go does. It returns seconds.
func Offset(name string) (int, error) {
	h, m, _ := strings.Cut(name, ":")
	hours, err := strconv.Atoi(h)
	if err != nil {
		return 0, err
	}
	minutes, err := strconv.Atoi(m)
	if err != nil {
		return 0, err
	}
	if hours < -23 || hours > 23 {
		return 0, fmt.Errorf("timezone offset hours out of range [-23, 23]: %s", name)
	}
	if minutes < 0 || minutes > 59 {
		return 0, fmt.Errorf("timezone offset minutes out of range [0, 59]: %s", name)
	}
	if name[0] == '-' {
		minutes = -minutes
	}
	return (hours*60 + minutes) * 60, nil
}

// Names returns the names of all zones, in no order.
func Names() []string {
	names := make([]string, 0, len(index()))
	for n := range index() {
		names = append(names, n)
	}
	return names
}

// readDirectory reads the central directory of a zip whose files are stored, not compressed. It takes what it does not
// understand for no file: the embedded zip is tested as a whole.
func readDirectory(z string) map[string]entry {
	const (
		tailSize, tailMagic     = 22, 0x06054b50
		headerSize, headerMagic = 46, 0x02014b50
		localSize               = 30
	)
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16([]byte(z[at : at+2]))) }
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32([]byte(z[at : at+4]))) }
	files := make(map[string]entry)
	tail := len(z) - tailSize
	if tail < 0 || u32(tail) != tailMagic {
		return files
	}
	at := u32(tail + 16)
	for range u16(tail + 10) {
		if at+headerSize > len(z) || u32(at) != headerMagic {
			break
		}
		method, size := u16(at+10), u32(at+24)
		nameLen, extraLen, commentLen, local := u16(at+28), u16(at+30), u16(at+32), u32(at+42)
		name := z[at+headerSize : at+headerSize+nameLen]
		if method == 0 && !strings.HasSuffix(name, "/") {
			files[name] = entry{start: local + localSize + u16(local+26) + u16(local+28), size: size}
		}
		at += headerSize + nameLen + extraLen + commentLen
	}
	return files
}
