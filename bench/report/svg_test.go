package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestCharts: what is drawn is XML, and says everything that it was given.
func TestCharts(t *testing.T) {
	t.Parallel()
	for name, svg := range map[string]string{
		"bars":  Bars("A & B", []Bar{{"one", 45, false}, {"two <x>", 1234, true}, {"three", 5.6e6, false}}),
		"lines": Lines("A & B", "rules", []Line{{"one", false, [][2]float64{{1, 45}, {20, 900}}}, {"two <x>", true, [][2]float64{{1, 50}, {20, 950}}}, {"three", false, [][2]float64{{1, 60}, {20, 1e6}}}}),
	} {
		d := xml.NewDecoder(strings.NewReader(svg))
		var texts []string
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if c, ok := tok.(xml.CharData); ok {
				texts = append(texts, string(c))
			}
		}
		all := strings.Join(texts, "")
		for _, want := range []string{"A & B", "one", "two <x>", "three", "1 µs"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in %q", name, want, all)
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s: a place that is no number", name)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Duration(47.3): "47.3 ns", Duration(999.9): "1.00 µs", Duration(1306): "1.31 µs", Duration(12.34e6): "12.3 ms", Duration(2.5e9): "2.50 s", Duration(4.2): "4.20 ns",
		Size(120): "120 B", Size(2048): "2.00 KiB", Size(57.8 * (1 << 20)): "57.8 MiB", Thousands(1234567): "1,234,567", Thousands(60): "60",
		Table([]string{"a", "b"}, [][]string{{"1", "2"}}): "| a | b |\n| --- | ---: |\n| 1 | 2 |\n",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
