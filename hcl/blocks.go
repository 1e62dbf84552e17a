package hcl

// Blocks returns all kinds of block, in the order in which they are read: what is named comes before what names it.
func Blocks() []*Block {
	return []*Block{
		blockPolicy(),
		blockLevel(),
		blockSignal(),
		blockParam(),
		blockList(),
		blockLet(),
		blockPosture(),
		blockAction(),
		blockStepUp(),
		blockDeny(),
		blockRollout(),
	}
}
