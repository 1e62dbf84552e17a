// Package report writes the figures as tables and charts.
package report

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Charts are drawn on logarithmic axes, as the engines lie four orders of magnitude apart: equal distances are equal ratios. Colours follow the
// reader's light or dark mode.

const style = `<style>
  .bg { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 15px; font-weight: 600 } .dim { fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 } .bar { fill: #8c959f } .ours { fill: #0969da }
  .line { fill: none }
  @media (prefers-color-scheme: dark) {
    .bg { fill: #0d1117 } text { fill: #f0f6fc } .dim { fill: #9198a1 } .grid { stroke: #3d444d } .bar { fill: #656c76 } .ours { fill: #4493f8 }
  }
</style>`

// palette are colours that tell apart on light and on dark ground.
var palette = [...]string{"#1f6feb", "#bf8700", "#1a7f37", "#8250df", "#cf222e", "#6e7781"}

// Bar is a row of a bar chart.
type Bar struct {
	Label string
	Value float64 // nanoseconds
	Ours  bool
}

// Bars draws times, a bar each.
func Bars(title string, bars []Bar) string {
	const left, right, row, top = 190, 90, 26, 44
	const width = 760
	low, high := math.Inf(1), 0.0
	for _, b := range bars {
		low, high = min(low, b.Value), max(high, b.Value)
	}
	scale := newAxis(low/2, high, left, width-right)
	height := top + row*len(bars) + 34
	var b strings.Builder
	head(&b, width, height, title)
	for _, tick := range scale.ticks() {
		x := scale.at(tick)
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", x, top-6, x, height-28)
		fmt.Fprintf(&b, `<text class="dim" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, height-10, round(tick))
	}
	for i, bar := range bars {
		class := "bar"
		if bar.Ours {
			class = "ours"
		}
		y := top + row*i
		x := scale.at(bar.Value)
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", left-10, y+14, html.EscapeString(bar.Label))
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`+"\n", class, left, y, x-left, row-7)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`+"\n", x+6, y+14, Duration(bar.Value))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// Line is a line of a line chart.
type Line struct {
	Label  string
	Ours   bool         // drawn wider
	Points [][2]float64 // x, nanoseconds
}

// Lines draws times over sizes.
func Lines(title, unit string, lines []Line) string {
	const left, right, top, bottom, width, height = 70, 170, 44, 344, 760, 390
	lowX, highX, lowY, highY := math.Inf(1), 0.0, math.Inf(1), 0.0
	for _, l := range lines {
		for _, p := range l.Points {
			lowX, highX, lowY, highY = min(lowX, p[0]), max(highX, p[0]), min(lowY, p[1]), max(highY, p[1])
		}
	}
	x, y := newAxis(lowX, highX, left, width-right), newAxis(lowY/1.5, highY*1.5, bottom, top)
	var b strings.Builder
	head(&b, width, height, title)
	for _, tick := range y.ticks() {
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>`+"\n", left, y.at(tick), width-right, y.at(tick))
		fmt.Fprintf(&b, `<text class="dim" x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left-8, y.at(tick)+4, round(tick))
	}
	for _, p := range lines[0].Points {
		fmt.Fprintf(&b, `<text class="dim" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x.at(p[0]), bottom+20, Thousands(p[0]))
	}
	fmt.Fprintf(&b, `<text class="dim" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, height-8, html.EscapeString(unit))
	ends := labelPlaces(lines, y)
	for i, l := range lines {
		colour, width := palette[i%len(palette)], 2
		if l.Ours {
			width = 4
		}
		var points []string
		for _, p := range l.Points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x.at(p[0]), y.at(p[1])))
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x.at(p[0]), y.at(p[1]), colour)
		}
		fmt.Fprintf(&b, `<polyline class="line" stroke="%s" stroke-width="%d" points="%s"/>`+"\n", colour, width, strings.Join(points, " "))
		last := l.Points[len(l.Points)-1]
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f"><tspan fill="%s">● </tspan>%s</text>`+"\n", x.at(last[0])+10, ends[i]+4, colour, html.EscapeString(l.Label))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// labelPlaces are where the lines end, moved apart so that their labels can be read.
func labelPlaces(lines []Line, y axis) []float64 {
	const apart = 17
	places := make([]float64, len(lines))
	order := make([]int, len(lines))
	for i, l := range lines {
		places[i], order[i] = y.at(l.Points[len(l.Points)-1][1]), i
	}
	for i := range order {
		for j := i; j > 0 && places[order[j]] < places[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	for i := 1; i < len(order); i++ {
		places[order[i]] = max(places[order[i]], places[order[i-1]]+apart)
	}
	return places
}

func head(b *strings.Builder, width, height int, title string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, width, height, html.EscapeString(title))
	fmt.Fprintf(b, "%s\n"+`<rect class="bg" width="%d" height="%d"/>`+"\n"+`<text class="title" x="16" y="24">%s</text>`+"\n", style, width, height, html.EscapeString(title))
}

// axis maps values to places, logarithmically.
type axis struct{ low, high, from, to float64 }

func newAxis(low, high float64, from, to int) axis {
	return axis{math.Log10(low), math.Log10(high), float64(from), float64(to)}
}

func (a axis) at(v float64) float64 {
	return a.from + (math.Log10(v)-a.low)/(a.high-a.low)*(a.to-a.from)
}

// round writes a power of ten.
func round(ns float64) string {
	return strings.Replace(strings.Replace(Duration(ns), ".00 ", " ", 1), ".0 ", " ", 1)
}

// ticks are the powers of ten within.
func (a axis) ticks() []float64 {
	var out []float64
	for e := math.Ceil(a.low); e <= a.high; e++ {
		out = append(out, math.Pow(10, e))
	}
	return out
}
