package plan

import "testing"

// TestSipHash has the reference vectors of Aumasson and Bernstein's paper, appendix A, and of their vectors.h: key 00…0f,
// message 00 01 02 ….
func TestSipHash(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]uint64{
		0: 0x726fdb47dd0e0e31, 1: 0x74f839c593dc67fd, 2: 0x0d6c8009d9a94f5a, 3: 0x85676696d7fb7e2d, 7: 0xab0200f58b01d137,
		8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5, 16: 0x3f2acc7f57c29bdb, 63: 0x958a324ceb064572,
	} {
		message := make([]byte, n)
		for i := range message {
			message[i] = byte(i)
		}
		if got := sipHashKeyed(0x0706050403020100, 0x0f0e0d0c0b0a0908, string(message)); got != want {
			t.Errorf("%d bytes: %016x, want %016x", n, got, want)
		}
	}
}
