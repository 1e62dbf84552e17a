package rungtest

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// WriteJUnit writes the report as JUnit XML, which CI services read: a suite for each test file, a test case for each case.
func (r *Report) WriteJUnit(w io.Writer) error {
	out := junitSuites{Name: r.Policy.Name, Tests: r.Passed + r.Failed, Failures: r.Failed, Time: seconds(r.Elapsed.Seconds())}
	for _, x := range r.Results {
		out.add(x)
	}
	for i := range out.Suites {
		out.Suites[i].Time = seconds(out.Suites[i].elapsed)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`

	elapsed float64
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 6, 64) }

// add puts a result into the suite of its file. Results come by file.
func (s *junitSuites) add(r *Result) {
	if n := len(s.Suites); n == 0 || s.Suites[n-1].Name != r.Range.File {
		s.Suites = append(s.Suites, junitSuite{Name: r.Range.File})
	}
	suite := &s.Suites[len(s.Suites)-1]
	c := junitCase{
		Class: strings.TrimSuffix(r.Range.File, ".rungtest.hcl"), Name: r.Name, File: r.Range.File, Line: r.Range.Start.Line, Time: seconds(r.Elapsed.Seconds()),
	}
	suite.Tests++
	suite.elapsed += r.Elapsed.Seconds()
	if !r.Passed {
		suite.Failures++
		c.Failure = &junitFailure{Message: r.summary(), Text: r.Text()}
	}
	suite.Cases = append(suite.Cases, c)
}

// summary is a failure on one line.
func (r *Result) summary() string {
	if len(r.Differences) == 0 {
		return "engines differ"
	}
	d := r.Differences[0]
	s := d.Path + ": expected " + orNothing(d.Expected) + ", got " + orNothing(d.Got)
	if more := len(r.Differences) - 1; more > 0 {
		s += "; and " + plural(more, "more difference")
	}
	return s
}
