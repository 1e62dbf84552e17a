module github.com/rungpolicy/rung/playground

go 1.26.0

require github.com/rungpolicy/rung v0.0.0
