// Package rungtest runs the tests of a policy: *.rungtest.hcl files.
package rungtest
