package challenge_test

import (
	"fmt"
	"net/http"

	"github.com/rungpolicy/rung/challenge"
)

// A client reads what it was answered.
func ExampleParse() {
	header := http.Header{}
	header.Add("WWW-Authenticate", `Bearer error="insufficient_user_authentication", acr_values="phrh phr", max_age="300"`)
	header.Add("WWW-Authenticate", `DPoP algs="ES256"`)

	challenges, err := challenge.Parse(header.Values("WWW-Authenticate")...)
	if err != nil {
		fmt.Println(err)
		return
	}
	up, err := challenge.Find(challenges)
	if err != nil || up == nil {
		fmt.Println("another kind of 401", err)
		return
	}
	fmt.Println(up.Query()["acr_values"])
	fmt.Println(up.Query()["max_age"])
	// Output:
	// phrh phr
	// 300
}

// A server writes one from a decision's Challenge, or by hand.
func ExampleStepUp() {
	up := &challenge.StepUp{ACRValues: []string{"phrh", "phr"}, MaxAge: 300, HasMaxAge: true, Reasons: []string{"Große Überweisung", "A large transfer."}}
	fmt.Println(up.Bearer())
	// Output:
	// Bearer error="insufficient_user_authentication", error_description="A large transfer.", acr_values="phrh phr", max_age="300"
}
