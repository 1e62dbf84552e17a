package diff

import (
	"os"
	"strconv"
	"testing"
)

func TestFirst(t *testing.T) {
	from, _ := strconv.Atoi(os.Getenv("FROM"))
	n, _ := strconv.Atoi(os.Getenv("N"))
	c := Comparer{Refused: Refusals{}}
	node, err := StartNode(".")
	if err != nil {
		t.Log(err)
	} else {
		c.Node = node
		defer node.Close()
	}
	found := 0
	kinds := map[string]int{}
	for i := range max(n, 1) {
		d, err := c.Try(uint64(from+i), 100)
		if d == nil && err != nil {
			t.Errorf("%d: %v", from+i, err)
		}
		if d != nil {
			found++
			kinds[d.Kind]++
			if kinds[d.Kind] <= 3 {
				t.Errorf("\n%s", c.Shrink(d).Case())
			}
		}
	}
	t.Log(c.Shares.String())
	t.Log(found, c.Refused, kinds)
}
