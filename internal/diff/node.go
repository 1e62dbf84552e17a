package diff

// Node is a process of Node.
type Node struct{}
