// Package inline puts the bodies of functions where they are called, and knows nothing of policies.
//
// A call takes an engine some nanoseconds, as the time of ten instructions, and bytes for arguments and a function's head. So a function that is called at one place stands there, and
// one that is hardly larger than a call at all of its places; a larger one too, where [Limits] let the module become larger by it. It is gone then, unless it is exported.
//
// The machine: a module has no recursion, so functions are taken in an order in which each comes behind those that it calls. A body is copied into its caller with other locals: its own are
// new ones of the caller. A parameter becomes a local that is set to the argument, or, if the argument is a local or a small constant and the parameter is never written, the argument itself. What leaves
// the function goes to the end of a block around its body, which is left out where nothing does. Locals are zero when a function begins: where a place is in a loop, those that may be read before they are
// written are set to zero.
//
// It has to come before the fuel: what is left of calls is what package fuel counts.
package inline
