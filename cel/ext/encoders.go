package ext

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	celext "cel.dev/cel-go/ext"
)

// encoders is base64. Upstream's library also brings JSON and YAML: their declarations are taken out again.
func encoders() Library {
	return Library{
		Name:    "encoders",
		Doc:     "Base64.",
		Options: append([]cel.EnvOption{celext.Encoders(celext.EncodersVersion(2))}, withoutJSON()...),
		Funcs: []Func{
			{Name: "base64.decode", Doc: "base64.decode(string) -> bytes: standard alphabet, padding may lack", Example: "base64.decode('aGk=') == b'hi'"},
			{Name: "base64.decodeUrl", Doc: "base64.decodeUrl(string) -> bytes: URL alphabet, padding may lack", Example: "base64.decodeUrl('aGk') == b'hi'"},
			{Name: "base64.encode", Doc: "base64.encode(bytes) -> string: standard alphabet, padded", Example: "base64.encode(b'hi') == 'aGk='", Makes: base64Makes},
			{Name: "base64.encodeUrl", Doc: "base64.encodeUrl(bytes) -> string: URL alphabet, padded", Example: "base64.encodeUrl(b'hi') == 'aGk='", Makes: base64Makes},
		},
	}
}

// withoutJSON disables the declarations of JSON and YAML: with each overload that upstream declares, as a merge demands.
func withoutJSON() []cel.EnvOption {
	t := cel.TypeParamType("T")
	asType := []*cel.Type{cel.StringType, types.NewTypeTypeWithParam(t)}
	off := decls.DisableDeclaration(true)
	return []cel.EnvOption{
		cel.Function("json.encode", cel.Overload("json_encode_dyn", []*cel.Type{cel.DynType}, cel.StringType), off),
		cel.Function("json.parse", cel.Overload("json_parse_string_type", asType, cel.OptionalType(t)), off),
		cel.Function("yaml.encode", cel.Overload("yaml_encode_dyn", []*cel.Type{cel.DynType}, cel.StringType), off),
		cel.Function("yaml.parse", cel.Overload("yaml_parse_string_type", asType, cel.OptionalType(t)), off),
	}
}

func base64Makes(args []ref.Val) Made {
	b, ok := args[0].(types.Bytes)
	if !ok {
		return Made{}
	}
	return Made{Bytes: (len(b) + 2) / 3 * 4}
}
