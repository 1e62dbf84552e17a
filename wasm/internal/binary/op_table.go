package binary

// Imm is the kind of immediates that follow an opcode.
type Imm uint8

// The kinds of immediates.
const (
	ImmNone   Imm = iota
	ImmBlock      // the type of a block
	ImmLabel      // a label: how many blocks out
	ImmLabels     // a vector of labels, and one more for all other numbers
	ImmFunc       // the index of a function
	ImmLocal      // the index of a local
	ImmGlobal     // the index of a global
	ImmMem        // alignment, as a power of two, and offset
	ImmZero       // a zero, for the memory
	ImmZero2      // two zeros, for the memories
	ImmI32        // a number, signed
	ImmI64        // a number, signed
	ImmF32        // four bytes
	ImmF64        // eight bytes
)

// Info describes an opcode.
type Info struct {
	// Name is its name in WebAssembly's text format.
	Name string
	// Imm says what follows it.
	Imm Imm
	// Align is the natural alignment of what it reads or writes in memory, as a power of two.
	Align uint32
}

// Info describes an opcode, and reports whether the profile has it.
func (op Op) Info() (Info, bool) {
	var info Info
	switch {
	case int(op) < len(infos):
		info = infos[op]
	case op>>8 == prefix && int(op&0xff) < len(prefixed):
		info = prefixed[op&0xff]
	}
	return info, info.Name != ""
}

// String is the opcode's name, or its number where the profile does not have it.
func (op Op) String() string {
	if info, ok := op.Info(); ok {
		return info.Name
	}
	return "opcode " + hex(uint64(op))
}

// infos has the opcodes of one byte.
var infos = [...]Info{
	OpUnreachable:       {Name: "unreachable"},
	OpNop:               {Name: "nop"},
	OpBlock:             {Name: "block", Imm: ImmBlock},
	OpLoop:              {Name: "loop", Imm: ImmBlock},
	OpIf:                {Name: "if", Imm: ImmBlock},
	OpElse:              {Name: "else"},
	OpEnd:               {Name: "end"},
	OpBr:                {Name: "br", Imm: ImmLabel},
	OpBrIf:              {Name: "br_if", Imm: ImmLabel},
	OpBrTable:           {Name: "br_table", Imm: ImmLabels},
	OpReturn:            {Name: "return"},
	OpCall:              {Name: "call", Imm: ImmFunc},
	OpDrop:              {Name: "drop"},
	OpSelect:            {Name: "select"},
	OpLocalGet:          {Name: "local.get", Imm: ImmLocal},
	OpLocalSet:          {Name: "local.set", Imm: ImmLocal},
	OpLocalTee:          {Name: "local.tee", Imm: ImmLocal},
	OpGlobalGet:         {Name: "global.get", Imm: ImmGlobal},
	OpGlobalSet:         {Name: "global.set", Imm: ImmGlobal},
	OpI32Load:           {Name: "i32.load", Imm: ImmMem, Align: 2},
	OpI64Load:           {Name: "i64.load", Imm: ImmMem, Align: 3},
	OpF32Load:           {Name: "f32.load", Imm: ImmMem, Align: 2},
	OpF64Load:           {Name: "f64.load", Imm: ImmMem, Align: 3},
	OpI32Load8S:         {Name: "i32.load8_s", Imm: ImmMem},
	OpI32Load8U:         {Name: "i32.load8_u", Imm: ImmMem},
	OpI32Load16S:        {Name: "i32.load16_s", Imm: ImmMem, Align: 1},
	OpI32Load16U:        {Name: "i32.load16_u", Imm: ImmMem, Align: 1},
	OpI64Load8S:         {Name: "i64.load8_s", Imm: ImmMem},
	OpI64Load8U:         {Name: "i64.load8_u", Imm: ImmMem},
	OpI64Load16S:        {Name: "i64.load16_s", Imm: ImmMem, Align: 1},
	OpI64Load16U:        {Name: "i64.load16_u", Imm: ImmMem, Align: 1},
	OpI64Load32S:        {Name: "i64.load32_s", Imm: ImmMem, Align: 2},
	OpI64Load32U:        {Name: "i64.load32_u", Imm: ImmMem, Align: 2},
	OpI32Store:          {Name: "i32.store", Imm: ImmMem, Align: 2},
	OpI64Store:          {Name: "i64.store", Imm: ImmMem, Align: 3},
	OpF32Store:          {Name: "f32.store", Imm: ImmMem, Align: 2},
	OpF64Store:          {Name: "f64.store", Imm: ImmMem, Align: 3},
	OpI32Store8:         {Name: "i32.store8", Imm: ImmMem},
	OpI32Store16:        {Name: "i32.store16", Imm: ImmMem, Align: 1},
	OpI64Store8:         {Name: "i64.store8", Imm: ImmMem},
	OpI64Store16:        {Name: "i64.store16", Imm: ImmMem, Align: 1},
	OpI64Store32:        {Name: "i64.store32", Imm: ImmMem, Align: 2},
	OpMemorySize:        {Name: "memory.size", Imm: ImmZero},
	OpMemoryGrow:        {Name: "memory.grow", Imm: ImmZero},
	OpI32Const:          {Name: "i32.const", Imm: ImmI32},
	OpI64Const:          {Name: "i64.const", Imm: ImmI64},
	OpF32Const:          {Name: "f32.const", Imm: ImmF32},
	OpF64Const:          {Name: "f64.const", Imm: ImmF64},
	OpI32Eqz:            {Name: "i32.eqz"},
	OpI32Eq:             {Name: "i32.eq"},
	OpI32Ne:             {Name: "i32.ne"},
	OpI32LtS:            {Name: "i32.lt_s"},
	OpI32LtU:            {Name: "i32.lt_u"},
	OpI32GtS:            {Name: "i32.gt_s"},
	OpI32GtU:            {Name: "i32.gt_u"},
	OpI32LeS:            {Name: "i32.le_s"},
	OpI32LeU:            {Name: "i32.le_u"},
	OpI32GeS:            {Name: "i32.ge_s"},
	OpI32GeU:            {Name: "i32.ge_u"},
	OpI64Eqz:            {Name: "i64.eqz"},
	OpI64Eq:             {Name: "i64.eq"},
	OpI64Ne:             {Name: "i64.ne"},
	OpI64LtS:            {Name: "i64.lt_s"},
	OpI64LtU:            {Name: "i64.lt_u"},
	OpI64GtS:            {Name: "i64.gt_s"},
	OpI64GtU:            {Name: "i64.gt_u"},
	OpI64LeS:            {Name: "i64.le_s"},
	OpI64LeU:            {Name: "i64.le_u"},
	OpI64GeS:            {Name: "i64.ge_s"},
	OpI64GeU:            {Name: "i64.ge_u"},
	OpF32Eq:             {Name: "f32.eq"},
	OpF32Ne:             {Name: "f32.ne"},
	OpF32Lt:             {Name: "f32.lt"},
	OpF32Gt:             {Name: "f32.gt"},
	OpF32Le:             {Name: "f32.le"},
	OpF32Ge:             {Name: "f32.ge"},
	OpF64Eq:             {Name: "f64.eq"},
	OpF64Ne:             {Name: "f64.ne"},
	OpF64Lt:             {Name: "f64.lt"},
	OpF64Gt:             {Name: "f64.gt"},
	OpF64Le:             {Name: "f64.le"},
	OpF64Ge:             {Name: "f64.ge"},
	OpI32Clz:            {Name: "i32.clz"},
	OpI32Ctz:            {Name: "i32.ctz"},
	OpI32Popcnt:         {Name: "i32.popcnt"},
	OpI32Add:            {Name: "i32.add"},
	OpI32Sub:            {Name: "i32.sub"},
	OpI32Mul:            {Name: "i32.mul"},
	OpI32DivS:           {Name: "i32.div_s"},
	OpI32DivU:           {Name: "i32.div_u"},
	OpI32RemS:           {Name: "i32.rem_s"},
	OpI32RemU:           {Name: "i32.rem_u"},
	OpI32And:            {Name: "i32.and"},
	OpI32Or:             {Name: "i32.or"},
	OpI32Xor:            {Name: "i32.xor"},
	OpI32Shl:            {Name: "i32.shl"},
	OpI32ShrS:           {Name: "i32.shr_s"},
	OpI32ShrU:           {Name: "i32.shr_u"},
	OpI32Rotl:           {Name: "i32.rotl"},
	OpI32Rotr:           {Name: "i32.rotr"},
	OpI64Clz:            {Name: "i64.clz"},
	OpI64Ctz:            {Name: "i64.ctz"},
	OpI64Popcnt:         {Name: "i64.popcnt"},
	OpI64Add:            {Name: "i64.add"},
	OpI64Sub:            {Name: "i64.sub"},
	OpI64Mul:            {Name: "i64.mul"},
	OpI64DivS:           {Name: "i64.div_s"},
	OpI64DivU:           {Name: "i64.div_u"},
	OpI64RemS:           {Name: "i64.rem_s"},
	OpI64RemU:           {Name: "i64.rem_u"},
	OpI64And:            {Name: "i64.and"},
	OpI64Or:             {Name: "i64.or"},
	OpI64Xor:            {Name: "i64.xor"},
	OpI64Shl:            {Name: "i64.shl"},
	OpI64ShrS:           {Name: "i64.shr_s"},
	OpI64ShrU:           {Name: "i64.shr_u"},
	OpI64Rotl:           {Name: "i64.rotl"},
	OpI64Rotr:           {Name: "i64.rotr"},
	OpF32Abs:            {Name: "f32.abs"},
	OpF32Neg:            {Name: "f32.neg"},
	OpF32Ceil:           {Name: "f32.ceil"},
	OpF32Floor:          {Name: "f32.floor"},
	OpF32Trunc:          {Name: "f32.trunc"},
	OpF32Nearest:        {Name: "f32.nearest"},
	OpF32Sqrt:           {Name: "f32.sqrt"},
	OpF32Add:            {Name: "f32.add"},
	OpF32Sub:            {Name: "f32.sub"},
	OpF32Mul:            {Name: "f32.mul"},
	OpF32Div:            {Name: "f32.div"},
	OpF32Min:            {Name: "f32.min"},
	OpF32Max:            {Name: "f32.max"},
	OpF32Copysign:       {Name: "f32.copysign"},
	OpF64Abs:            {Name: "f64.abs"},
	OpF64Neg:            {Name: "f64.neg"},
	OpF64Ceil:           {Name: "f64.ceil"},
	OpF64Floor:          {Name: "f64.floor"},
	OpF64Trunc:          {Name: "f64.trunc"},
	OpF64Nearest:        {Name: "f64.nearest"},
	OpF64Sqrt:           {Name: "f64.sqrt"},
	OpF64Add:            {Name: "f64.add"},
	OpF64Sub:            {Name: "f64.sub"},
	OpF64Mul:            {Name: "f64.mul"},
	OpF64Div:            {Name: "f64.div"},
	OpF64Min:            {Name: "f64.min"},
	OpF64Max:            {Name: "f64.max"},
	OpF64Copysign:       {Name: "f64.copysign"},
	OpI32WrapI64:        {Name: "i32.wrap_i64"},
	OpI32TruncF32S:      {Name: "i32.trunc_f32_s"},
	OpI32TruncF32U:      {Name: "i32.trunc_f32_u"},
	OpI32TruncF64S:      {Name: "i32.trunc_f64_s"},
	OpI32TruncF64U:      {Name: "i32.trunc_f64_u"},
	OpI64ExtendI32S:     {Name: "i64.extend_i32_s"},
	OpI64ExtendI32U:     {Name: "i64.extend_i32_u"},
	OpI64TruncF32S:      {Name: "i64.trunc_f32_s"},
	OpI64TruncF32U:      {Name: "i64.trunc_f32_u"},
	OpI64TruncF64S:      {Name: "i64.trunc_f64_s"},
	OpI64TruncF64U:      {Name: "i64.trunc_f64_u"},
	OpF32ConvertI32S:    {Name: "f32.convert_i32_s"},
	OpF32ConvertI32U:    {Name: "f32.convert_i32_u"},
	OpF32ConvertI64S:    {Name: "f32.convert_i64_s"},
	OpF32ConvertI64U:    {Name: "f32.convert_i64_u"},
	OpF32DemoteF64:      {Name: "f32.demote_f64"},
	OpF64ConvertI32S:    {Name: "f64.convert_i32_s"},
	OpF64ConvertI32U:    {Name: "f64.convert_i32_u"},
	OpF64ConvertI64S:    {Name: "f64.convert_i64_s"},
	OpF64ConvertI64U:    {Name: "f64.convert_i64_u"},
	OpF64PromoteF32:     {Name: "f64.promote_f32"},
	OpI32ReinterpretF32: {Name: "i32.reinterpret_f32"},
	OpI64ReinterpretF64: {Name: "i64.reinterpret_f64"},
	OpF32ReinterpretI32: {Name: "f32.reinterpret_i32"},
	OpF64ReinterpretI64: {Name: "f64.reinterpret_i64"},
	OpI32Extend8S:       {Name: "i32.extend8_s"},
	OpI32Extend16S:      {Name: "i32.extend16_s"},
	OpI64Extend8S:       {Name: "i64.extend8_s"},
	OpI64Extend16S:      {Name: "i64.extend16_s"},
	OpI64Extend32S:      {Name: "i64.extend32_s"},
}

// prefixed has those of two bytes, by their second.
var prefixed = [...]Info{
	OpI32TruncSatF32S & 0xff: {Name: "i32.trunc_sat_f32_s"},
	OpI32TruncSatF32U & 0xff: {Name: "i32.trunc_sat_f32_u"},
	OpI32TruncSatF64S & 0xff: {Name: "i32.trunc_sat_f64_s"},
	OpI32TruncSatF64U & 0xff: {Name: "i32.trunc_sat_f64_u"},
	OpI64TruncSatF32S & 0xff: {Name: "i64.trunc_sat_f32_s"},
	OpI64TruncSatF32U & 0xff: {Name: "i64.trunc_sat_f32_u"},
	OpI64TruncSatF64S & 0xff: {Name: "i64.trunc_sat_f64_s"},
	OpI64TruncSatF64U & 0xff: {Name: "i64.trunc_sat_f64_u"},
	OpMemoryCopy & 0xff:      {Name: "memory.copy", Imm: ImmZero2},
	OpMemoryFill & 0xff:      {Name: "memory.fill", Imm: ImmZero},
}
