package main

// The program is the README's.
func Example() {
	main()
	// Output: step_up aal2 [aal2 http://idmanagement.gov/ns/assurance/aal/2 aal3 http://idmanagement.gov/ns/assurance/aal/3]
}
