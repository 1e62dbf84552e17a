package codec

import (
	"encoding/json"
	"strings"
	"testing"
)

// The classes of JSONTestSuite (github.com/nst/JSONTestSuite, test_parsing), each with a text of our own. There, y_ is what every
// parser is to accept, n_ what every parser is to refuse, and i_ what RFC 8259 leaves to the implementation.

// accepted are the y_ classes, but for equal names.
var accepted = map[string]string{
	"y_array_arraysWithSpaces":                          "[[ ]  , [] ]",
	"y_array_empty-string":                              `["" ]`,
	"y_array_empty":                                     "[]",
	"y_array_ending_with_newline":                       "[\"z\"\n]",
	"y_array_false":                                     "[ false ]",
	"y_array_heterogeneous":                             `[{}, "7", 7, null, [true]]`,
	"y_array_null":                                      "[ null ]",
	"y_array_with_1_and_newline":                        "[1\r\n]",
	"y_array_with_leading_space":                        "  [3]",
	"y_array_with_several_null":                         "[null,null,0,null]",
	"y_array_with_trailing_space":                       "[3]\t ",
	"y_number":                                          "[321e56]",
	"y_number_0e+1":                                     "[0e+2]",
	"y_number_0e1":                                      "[0e2]",
	"y_number_after_space":                              "[  7]",
	"y_number_double_close_to_zero":                     "[-0." + "0000000000000000000000000000000000000000000000000000000000000000000000000000000007]",
	"y_number_int_with_exp":                             "[30e2]",
	"y_number_minus_zero":                               "-0",
	"y_number_negative_int":                             "[-456]",
	"y_number_negative_one":                             "-1",
	"y_number_negative_zero":                            "[-0]",
	"y_number_real_capital_e":                           "[2E20]",
	"y_number_real_capital_e_neg_exp":                   "[2E-3]",
	"y_number_real_capital_e_pos_exp":                   "[2E+3]",
	"y_number_real_exponent":                            "[12.5e4]",
	"y_number_real_fraction_exponent":                   "[654.321e12]",
	"y_number_real_neg_exp":                             "[2e-3]",
	"y_number_real_pos_exponent":                        "[2e+3]",
	"y_number_simple_int":                               "[789]",
	"y_number_simple_real":                              "[78.25]",
	"y_object":                                          `{"one":"1", "two":"2"}`,
	"y_object_basic":                                    `{"one":"1"}`,
	"y_object_empty":                                    "{ }",
	"y_object_empty_key":                                `{"":1}`,
	"y_object_escaped_null_in_key":                      `{"a\u0000b": 1}`,
	"y_object_extreme_numbers":                          `{"lo": -1.5e+30, "hi": 1.5e+30}`,
	"y_object_long_strings":                             `{"x":"` + "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" + `"}`,
	"y_object_simple":                                   `{"list":[]}`,
	"y_object_string_unicode":                           `{"t":"\u0411\u0430\u043d\u043a"}`,
	"y_object_with_newlines":                            "{\n\"a\"\n:\n1\n}",
	"y_string_1_2_3_bytes_UTF-8_sequences":              `["\u0041\u00e9\u20AC"]`,
	"y_string_accepted_surrogate_pair":                  `["\uD83D\ude00"]`,
	"y_string_accepted_surrogate_pairs":                 `["\ud83d\ude00\uD83D\uDE01"]`,
	"y_string_allowed_escapes":                          `["\t\r\n\f\b\/\\\""]`,
	"y_string_backslash_and_u_escaped_zero":             `["\\u0001"]`,
	"y_string_backslash_doublequotes":                   `["a\"b"]`,
	"y_string_comments":                                 `["/* no */ // comment"]`,
	"y_string_double_escape_a":                          `["\\a\\a"]`,
	"y_string_double_escape_n":                          `["\\n\\n"]`,
	"y_string_escaped_control_character":                `["\u001f"]`,
	"y_string_escaped_noncharacter":                     `["\ufffe"]`,
	"y_string_in_array":                                 `["bank"]`,
	"y_string_in_array_with_leading_space":              `[  "bank"]`,
	"y_string_last_surrogates_1_and_2":                  `["\udbff\udfff"]`,
	"y_string_nbsp_uescaped":                            `["a\u00a0b"]`,
	"y_string_nonCharacterInUTF-8_U+10FFFF":             "[\"a\xf4\x8f\xbf\xbf\"]",
	"y_string_nonCharacterInUTF-8_U+FFFF":               "[\"a\xef\xbf\xbf\"]",
	"y_string_null_escape":                              `["a\u0000"]`,
	"y_string_one-byte-utf-8":                           `["\u007e"]`,
	"y_string_pi":                                       "[\"\u03c0\u03c0\"]",
	"y_string_reservedCharacterInUTF-8_U+1BFFF":         "[\"a\xf0\x9b\xbf\xbf\"]",
	"y_string_simple_ascii":                             `["bank "]`,
	"y_string_space":                                    `"  "`,
	"y_string_surrogates_U+1D11E_MUSICAL_SYMBOL_G_CLEF": `["\ud834\udd1E"]`,
	"y_string_three-byte-utf-8":                         `["\u0950"]`,
	"y_string_two-byte-utf-8":                           `["\u0456"]`,
	"y_string_u+2028_line_sep":                          "[\"a\u2028b\"]",
	"y_string_u+2029_par_sep":                           "[\"a\u2029b\"]",
	"y_string_uEscape":                                  `["\u0062\u0061\u006E\u006b"]`,
	"y_string_uescaped_newline":                         `["a\u000ab"]`,
	"y_string_unescaped_char_delete":                    "[\"\x7f\x7f\"]",
	"y_string_unicode":                                  `["\uA66E"]`,
	"y_string_unicodeEscapedBackslash":                  `["\u005c\u005C"]`,
	"y_string_unicode_2":                                "[\"\u20ac\u00a3\"]",
	"y_string_unicode_U+10FFFE_nonchar":                 `["\udbff\udffe"]`,
	"y_string_unicode_U+1FFFE_nonchar":                  `["\ud83f\udffe"]`,
	"y_string_unicode_U+200B_ZERO_WIDTH_SPACE":          `["a\u200bb"]`,
	"y_string_unicode_U+2064_invisible_plus":            `["a\u2064b"]`,
	"y_string_unicode_U+FDD0_nonchar":                   `["\ufdd0"]`,
	"y_string_unicode_U+FFFE_nonchar":                   `["a\uFFFE"]`,
	"y_string_unicode_escaped_double_quote":             `["a\u0022b"]`,
	"y_string_utf8":                                     "[\"\u20ac\U0001d11e\U0001f600\"]",
	"y_string_with_del_character":                       "[\"x\x7fx\"]",
	"y_structure_lonely_false":                          "false",
	"y_structure_lonely_int":                            "7",
	"y_structure_lonely_negative_real":                  "-7.25",
	"y_structure_lonely_null":                           "null",
	"y_structure_lonely_string":                         `"bank"`,
	"y_structure_lonely_true":                           "true",
	"y_structure_string_empty":                          `""`,
	"y_structure_trailing_newline":                      "[\"z\"]\r\n",
	"y_structure_true_in_array":                         "[true]",
	"y_structure_whitespace_array":                      "\t[ ]\n",
}

// refused are the n_ classes, with what the reader says it wanted.
var refused = map[string]struct{ text, wanted string }{
	"n_array_1_true_without_comma":              {"[2 false]", "a comma or the end of the list"},
	"n_array_a_invalid_utf8":                    {"[b\xe5]", "a value"},
	"n_array_colon_instead_of_comma":            {`["k": 2]`, "a comma or the end of the list"},
	"n_array_comma_after_close":                 {"[2],", "the end of the text"},
	"n_array_comma_and_number":                  {"[ ,2]", "a value"},
	"n_array_double_comma":                      {"[2,,3]", "a value"},
	"n_array_double_extra_comma":                {`["y",,]`, "a value"},
	"n_array_extra_close":                       {`["y"]]`, "the end of the text"},
	"n_array_extra_comma":                       {`["y",]`, "a value"},
	"n_array_incomplete":                        {`["y"`, "a comma or the end of the list"},
	"n_array_incomplete_invalid_value":          {"[y", "a value"},
	"n_array_inner_array_no_comma":              {"[5[6]]", "a comma or the end of the list"},
	"n_array_invalid_utf8":                      {"[\xfe]", "a value"},
	"n_array_items_separated_by_semicolon":      {"[5;6]", "a comma or the end of the list"},
	"n_array_just_comma":                        {"[ , ]", "a value"},
	"n_array_just_minus":                        {"[ -]", "a digit"},
	"n_array_missing_value":                     {"[\t, 2]", "a value"},
	"n_array_newlines_unclosed":                 {"[\"b\",\n5\n,\n", "a value"},
	"n_array_number_and_comma":                  {"[5,]", "a value"},
	"n_array_number_and_several_commas":         {"[5,,]", "a value"},
	"n_array_spaces_vertical_tab_formfeed":      {"[\"\vb\"\f]", "an escape for a control character"},
	"n_array_star_inside":                       {"[*, *]", "a value"},
	"n_array_unclosed":                          {`["y" `, "a comma or the end of the list"},
	"n_array_unclosed_trailing_comma":           {"[5, ", "a value"},
	"n_array_unclosed_with_new_lines":           {"[5,\n6\n,7", "a comma or the end of the list"},
	"n_array_unclosed_with_object_inside":       {"[{} ", "a comma or the end of the list"},
	"n_incomplete_false":                        {"[fal]", "a value"},
	"n_incomplete_null":                         {"[nu]", "a value"},
	"n_incomplete_true":                         {"tr", "a value"},
	"n_multidigit_number_then_00":               {"456\x00", "the end of the text"},
	"n_number_++":                               {"[++5]", "a value"},
	"n_number_+1":                               {"[+5]", "a value"},
	"n_number_+Inf":                             {"+Inf", "a value"},
	"n_number_-01":                              {"[-05]", "a comma or the end of the list"},
	"n_number_-1.0.":                            {"[-2.5.]", "a comma or the end of the list"},
	"n_number_-2.":                              {"[-5.]", "a digit"},
	"n_number_-NaN":                             {"-NaN", "a digit"},
	"n_number_.-1":                              {"[.-5]", "a value"},
	"n_number_.2e-3":                            {"[.5e-6]", "a value"},
	"n_number_0.1.2":                            {"[0.5.6]", "a comma or the end of the list"},
	"n_number_0.3e+":                            {"[0.5e+]", "a digit"},
	"n_number_0.3e":                             {"[0.5e]", "a digit"},
	"n_number_0.e1":                             {"[0.e5]", "a digit"},
	"n_number_0_capital_E+":                     {"0E+", "a digit"},
	"n_number_0_capital_E":                      {"0E", "a digit"},
	"n_number_0e+":                              {"0e+", "a digit"},
	"n_number_0e":                               {"0e", "a digit"},
	"n_number_1.0e+":                            {"[5.0e+]", "a digit"},
	"n_number_1.0e-":                            {"[5.0e-]", "a digit"},
	"n_number_1.0e":                             {"[5.0e]", "a digit"},
	"n_number_1_000":                            {"[5 000.5]", "a comma or the end of the list"},
	"n_number_1eE2":                             {"[5eE6]", "a digit"},
	"n_number_2.e+3":                            {"[5.e+6]", "a digit"},
	"n_number_2.e-3":                            {"[5.e-6]", "a digit"},
	"n_number_2.e3":                             {"[5.e6]", "a digit"},
	"n_number_9.e+":                             {"[5.e+]", "a digit"},
	"n_number_Inf":                              {"Inf", "a value"},
	"n_number_NaN":                              {"NaN", "a value"},
	"n_number_U+FF11_fullwidth_digit_one":       {"[\uff15]", "a value"},
	"n_number_expression":                       {"[5+6]", "a comma or the end of the list"},
	"n_number_hex_1_digit":                      {"[0x5]", "a comma or the end of the list"},
	"n_number_hex_2_digits":                     {"0x5F", "the end of the text"},
	"n_number_infinity":                         {"Infinity", "a value"},
	"n_number_invalid+-":                        {"[0e+-5]", "a digit"},
	"n_number_invalid-negative-real":            {"[-5.5bar]", "a comma or the end of the list"},
	"n_number_invalid-utf-8-in-bigger-int":      {"[456\xe5]", "a comma or the end of the list"},
	"n_number_invalid-utf-8-in-exponent":        {"[5e6\xe5]", "a comma or the end of the list"},
	"n_number_invalid-utf-8-in-int":             {"[5\xe5]", "a comma or the end of the list"},
	"n_number_minus_infinity":                   {"-Infinity", "a digit"},
	"n_number_minus_sign_with_trailing_garbage": {"[-bar]", "a digit"},
	"n_number_minus_space_1":                    {"[- 5]", "a digit"},
	"n_number_neg_int_starting_with_zero":       {"-056", "the end of the text"},
	"n_number_neg_real_without_int_part":        {"[-.5]", "a digit"},
	"n_number_neg_with_garbage_at_end":          {"[-5y]", "a comma or the end of the list"},
	"n_number_real_garbage_after_e":             {"[5eb]", "a digit"},
	"n_number_real_with_invalid_utf8_after_e":   {"[5e\xe5]", "a digit"},
	"n_number_real_without_fractional_part":     {"5.", "a digit"},
	"n_number_starting_with_dot":                {".5", "a value"},
	"n_number_with_alpha":                       {"[5.5b-6]", "a comma or the end of the list"},
	"n_number_with_alpha_char":                  {"[5.55H-6]", "a comma or the end of the list"},
	"n_number_with_leading_zero":                {"056", "the end of the text"},
	"n_object_bad_value":                        {`["y", trust]`, "a value"},
	"n_object_bracket_key":                      {`{[: 5}`, "a name in double quotes"},
	"n_object_comma_instead_of_colon":           {`{"y", 5}`, "a colon"},
	"n_object_double_colon":                     {`{"y"::5}`, "a value"},
	"n_object_emoji":                            {"{\U0001f600}", "a name in double quotes"},
	"n_object_garbage_at_end":                   {`{"b":"b" 5}`, "a comma or the end of the object"},
	"n_object_key_with_single_quotes":           {"{'k': 5}", "a name in double quotes"},
	"n_object_lone_continuation_byte_in_key_and_trailing_comma": {"{\"\xba\":5,}", "a name in double quotes"},
	"n_object_missing_colon":                                    {`{"b" 5}`, "a colon"},
	"n_object_missing_key":                                      {`{:5}`, "a name in double quotes"},
	"n_object_missing_semicolon":                                {`{"b" "c"}`, "a colon"},
	"n_object_missing_value":                                    {`{"b": `, "a value"},
	"n_object_no-colon":                                         {`{"b" `, "a colon"},
	"n_object_non_string_key":                                   {`{5:5}`, "a name in double quotes"},
	"n_object_non_string_key_but_huge_number_instead":           {`{5E5555:5}`, "a name in double quotes"},
	"n_object_repeated_null_null":                               {`{null:5,null:5}`, "a name in double quotes"},
	"n_object_several_trailing_commas":                          {`{"b":5,,,}`, "a name in double quotes"},
	"n_object_single_quote":                                     {`{'b':5}`, "a name in double quotes"},
	"n_object_trailing_comma":                                   {`{"b":5,}`, "a name in double quotes"},
	"n_object_trailing_comment":                                 {`{"b":5}/* */`, "the end of the text"},
	"n_object_trailing_comment_open":                            {`{"b":5}/* *//`, "the end of the text"},
	"n_object_trailing_comment_slash_open":                      {`{"b":5}// `, "the end of the text"},
	"n_object_trailing_comment_slash_open_incomplete":           {`{"b":5}/ `, "the end of the text"},
	"n_object_two_commas_in_a_row":                              {`{"b":5,,"c":6}`, "a name in double quotes"},
	"n_object_unquoted_key":                                     {`{b: 5}`, "a name in double quotes"},
	"n_object_unterminated-value":                               {`{"b":"c`, "the end of the string"},
	"n_object_with_single_string":                               {`{"b": 5, "c"}`, "a colon"},
	"n_object_with_trailing_garbage":                            {`{"b":5}#!`, "the end of the text"},
	"n_single_space":                                            {"  ", "a value"},
	"n_string_1_surrogate_then_escape":                          {`["\ud801\"]`, "the end of the string"},
	"n_string_1_surrogate_then_escape_u":                        {`["\ud801\u"]`, "four hexadecimal digits in the escape"},
	"n_string_1_surrogate_then_escape_u1":                       {`["\ud801\u5"]`, "four hexadecimal digits in the escape"},
	"n_string_1_surrogate_then_escape_u1x":                      {`["\ud801\u5x"]`, "four hexadecimal digits in the escape"},
	"n_string_accentuated_char_no_quotes":                       {"[\u00e8]", "a value"},
	"n_string_backslash_00":                                     {"[\"a\\\x00\"]", "an escape that JSON has"},
	"n_string_escape_x":                                         {`["\x41"]`, "an escape that JSON has"},
	"n_string_escaped_backslash_bad":                            {`["a\\\"]`, "the end of the string"},
	"n_string_escaped_ctrl_char_tab":                            {"[\"a\\\t\"]", "an escape that JSON has"},
	"n_string_escaped_emoji":                                    {"[\"\\\U0001f600\"]", "an escape that JSON has"},
	"n_string_incomplete_escape":                                {`["a\"]`, "the end of the string"},
	"n_string_incomplete_escaped_character":                     {`["\u00E"]`, "four hexadecimal digits in the escape"},
	"n_string_incomplete_surrogate":                             {`["\uD835\uDc"]`, "four hexadecimal digits in the escape"},
	"n_string_incomplete_surrogate_escape_invalid":              {`["\uD801\uD801\y"]`, "an escape that JSON has"},
	"n_string_invalid-utf-8-in-escape":                          {"[\"\\u00\xe5\"]", "four hexadecimal digits in the escape"},
	"n_string_invalid_backslash_esc":                            {`["\z"]`, "an escape that JSON has"},
	"n_string_invalid_unicode_escape":                           {`["\uzzzz"]`, "four hexadecimal digits in the escape"},
	"n_string_invalid_utf8_after_escape":                        {"[\"a\\\xe5\"]", "an escape that JSON has"},
	"n_string_leading_uescaped_thinspace":                       {`[\u2009"b"]`, "a value"},
	"n_string_no_quotes_with_bad_escape":                        {`[\t]`, "a value"},
	"n_string_single_doublequote":                               {` "`, "the end of the string"},
	"n_string_single_quote":                                     {"['bank']", "a value"},
	"n_string_single_string_no_double_quotes":                   {"bank", "a value"},
	"n_string_start_escape_unclosed":                            {`["a\`, "an escape that JSON has"},
	"n_string_unescaped_ctrl_char":                              {"[\"b\x01b\"]", "an escape for a control character"},
	"n_string_unescaped_newline":                                {"[\"a\nb\"]", "an escape for a control character"},
	"n_string_unescaped_tab":                                    {"[\"a\tb\"]", "an escape for a control character"},
	"n_string_unicode_CapitalU":                                 {`"\U0041"`, "an escape that JSON has"},
	"n_string_with_trailing_garbage":                            {`"b"y`, "the end of the text"},
	"n_structure_100000_opening_arrays":                         {strings.Repeat("[", 100_000), "a value"},
	"n_structure_U+2060_word_joined":                            {"[\u2060]", "a value"},
	"n_structure_UTF8_BOM_no_data":                              {"\ufeff", "a value"},
	"n_structure_angle_bracket_.":                               {"<5>", "a value"},
	"n_structure_angle_bracket_null":                            {"[<true>]", "a value"},
	"n_structure_array_trailing_garbage":                        {"[5]y", "the end of the text"},
	"n_structure_array_with_extra_array_close":                  {"[5] ]", "the end of the text"},
	"n_structure_array_with_unclosed_string":                    {`["bank]`, "the end of the string"},
	"n_structure_ascii-unicode-identifier":                      {"b\u00e5", "a value"},
	"n_structure_capitalized_True":                              {"[False]", "a value"},
	"n_structure_close_unopened_array":                          {"5]", "the end of the text"},
	"n_structure_comma_instead_of_closing_brace":                {`{"y": 5,`, "a name in double quotes"},
	"n_structure_double_array":                                  {"[5][6]", "the end of the text"},
	"n_structure_end_array":                                     {" ]", "a value"},
	"n_structure_incomplete_UTF8_BOM":                           {"\xef\xbb[]", "a value"},
	"n_structure_lone-invalid-utf-8":                            {"\xe6", "a value"},
	"n_structure_lone-open-bracket":                             {"[ ", "a value"},
	"n_structure_no_data":                                       {"", "a value"},
	"n_structure_null-byte-outside-string":                      {"[5,\x00]", "a value"},
	"n_structure_number_with_trailing_garbage":                  {"5@", "the end of the text"},
	"n_structure_object_followed_by_closing_object":             {"{} }", "the end of the text"},
	"n_structure_object_unclosed_no_value":                      {`{"k":`, "a value"},
	"n_structure_object_with_comment":                           {`{"k":/* */5}`, "a value"},
	"n_structure_object_with_trailing_garbage":                  {`{"k": 5} "y"`, "the end of the text"},
	"n_structure_open_array_apostrophe":                         {"[ '", "a value"},
	"n_structure_open_array_comma":                              {"[ ,", "a value"},
	"n_structure_open_array_object":                             {strings.Repeat(`[{"k":`, 50_000), "a value"},
	"n_structure_open_array_open_object":                        {"[ {", "a name in double quotes"},
	"n_structure_open_array_open_string":                        {`["b`, "the end of the string"},
	"n_structure_open_array_string":                             {`["b"`, "a comma or the end of the list"},
	"n_structure_open_object":                                   {"{ ", "a name in double quotes"},
	"n_structure_open_object_close_array":                       {"{ ]", "a name in double quotes"},
	"n_structure_open_object_comma":                             {"{ ,", "a name in double quotes"},
	"n_structure_open_object_open_array":                        {"{ [", "a name in double quotes"},
	"n_structure_open_object_open_string":                       {`{"b`, "the end of the string"},
	"n_structure_open_object_string_with_apostrophes":           {"{ 'b'", "a name in double quotes"},
	"n_structure_open_open":                                     {`["\[["\[`, "an escape that JSON has"},
	"n_structure_single_eacute":                                 {"\xe8", "a value"},
	"n_structure_single_star":                                   {" *", "a value"},
	"n_structure_trailing_#":                                    {`{"k":5}#[]`, "the end of the text"},
	"n_structure_uescaped_LF_before_string":                     {`[\u000a"b"]`, "a value"},
	"n_structure_unclosed_array":                                {"[5", "a comma or the end of the list"},
	"n_structure_unclosed_array_partial_null":                   {"[ true, nul", "a value"},
	"n_structure_unclosed_array_unfinished_false":               {"[ null, fals", "a value"},
	"n_structure_unclosed_array_unfinished_true":                {"[ null, tru", "a value"},
	"n_structure_unclosed_object":                               {`{"k":"b"`, "a comma or the end of the object"},
	"n_structure_unicode-identifier":                            {"\u00e5", "a value"},
	"n_structure_whitespace_U+2060_word_joiner":                 {"[5,\u2060]", "a value"},
	"n_structure_whitespace_formfeed":                           {"[\f5]", "a value"},
}

// settled are the classes in which we have a choice, and the two y_ classes of equal names, with what is wrong in our eyes.
var settled = map[string]struct {
	text string
	flaw flaw
	// grammar says that the text is not JSON at all.
	grammar bool
	why     string
}{
	"y_object_duplicated_key":           {text: `{"k":5,"k":6}`, flaw: flawDuplicates, why: "RFC 8259 says SHOULD be unique, I-JSON MUST: readers differ in which they take"},
	"y_object_duplicated_key_and_value": {text: `{"k":5,"k":5}`, flaw: flawDuplicates, why: "as above: what is sent twice was not meant"},

	"i_number_double_huge_neg_exp":       {text: "[654.321e-987]", why: "a double that is too small is 0, as everywhere"},
	"i_number_huge_exp":                  {text: "[0.5e0099999999999999999999999999999999999999]", why: "the type decides: beyond double, and zero is an int whatever its exponent"},
	"i_number_neg_int_huge_exp":          {text: "[-5e+9999]", why: "the type decides"},
	"i_number_pos_double_huge_exp":       {text: "[2.5e+9999]", why: "the type decides"},
	"i_number_real_neg_overflow":         {text: "[-456456e100000]", why: "the type decides"},
	"i_number_real_pos_overflow":         {text: "[456456e100000]", why: "the type decides"},
	"i_number_real_underflow":            {text: "[456e-10000000]", why: "the type decides"},
	"i_number_too_big_neg_int":           {text: "[-456456456456456456456456456456]", why: "a double may be so large; int and uint end at 2^53"},
	"i_number_too_big_pos_int":           {text: "[500000000000000000000]", why: "as above"},
	"i_number_very_big_negative_int":     {text: "[-456456456456456456456456456456456456456456456456]", why: "as above"},
	"i_structure_500_nested_arrays":      {text: strings.Repeat("[", 500) + strings.Repeat("]", 500), flaw: flawNesting, why: "64 is the limit"},
	"i_structure_UTF-8_BOM_empty_object": {text: "\ufeff{}", grammar: true, why: "RFC 8259: must not be added; a policy file may have one, a message between programs not"},

	"i_object_key_lone_2nd_surrogate":                {text: `{"\udfab":5}`, flaw: flawSurrogate, why: "I-JSON; else two different texts come out as one"},
	"i_string_1st_surrogate_but_2nd_missing":         {text: `["\udadb"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_1st_valid_surrogate_2nd_invalid":       {text: `["\ud889\u4321"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_incomplete_surrogate_and_escape_valid": {text: `["\ud801\t"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_incomplete_surrogate_pair":             {text: `["\udd1fb"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_incomplete_surrogates_escape_valid":    {text: `["\ud801\ud801\t"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_invalid_lonely_surrogate":              {text: `["\uD801"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_invalid_surrogate":                     {text: `["\ud801bcd"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_inverted_surrogates_U+1D11E":           {text: `["\udd1e\ud834"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_lone_second_surrogate":                 {text: `["\udfab"]`, flaw: flawSurrogate, why: "as above"},
	"i_string_UTF8_surrogate_U+D800":                 {text: "[\"\xed\xa0\x81\"]", flaw: flawUTF8, why: "RFC 3629: surrogates have no UTF-8"},
	"i_string_UTF-8_invalid_sequence":                {text: "[\"\u65e5\xfa\"]", flaw: flawUTF8, why: "RFC 8259: JSON between systems is UTF-8"},
	"i_string_invalid_utf-8":                         {text: "[\"\xfe\"]", flaw: flawUTF8, why: "as above"},
	"i_string_iso_latin_1":                           {text: "[\"\xe8\"]", flaw: flawUTF8, why: "as above"},
	"i_string_lone_utf8_continuation_byte":           {text: "[\"\x82\"]", flaw: flawUTF8, why: "as above"},
	"i_string_not_in_unicode_range":                  {text: "[\"\xf4\xbf\xbf\xbe\"]", flaw: flawUTF8, why: "as above"},
	"i_string_overlong_sequence_2_bytes":             {text: "[\"\xc0\xae\"]", flaw: flawUTF8, why: "as above"},
	"i_string_overlong_sequence_6_bytes":             {text: "[\"\xfc\x83\xbf\xbf\xbf\xbe\"]", flaw: flawUTF8, why: "as above"},
	"i_string_overlong_sequence_6_bytes_null":        {text: "[\"\xfc\x80\x80\x80\x80\x81\"]", flaw: flawUTF8, why: "as above"},
	"i_string_truncated-utf-8":                       {text: "[\"\xe0\xfe\"]", flaw: flawUTF8, why: "as above"},
	"i_string_UTF-16LE_with_BOM":                     {text: "\xff\xfe[\x00]\x00", grammar: true, why: "RFC 8259: JSON between systems is UTF-8"},
	"i_string_utf16BE_no_BOM":                        {text: "\x00[\x00]", grammar: true, why: "as above"},
	"i_string_utf16LE_no_BOM":                        {text: "[\x00]\x00", grammar: true, why: "as above"},
}

func scanned(text string) *scanner {
	s := &scanner{text: text}
	s.scan()
	return s
}

func TestSuiteAccepted(t *testing.T) {
	t.Parallel()
	for class, text := range accepted {
		if s := scanned(text); s.wanted != "" || s.flaw != flawNone {
			t.Errorf("%s: %q: wanted %q at %d, flaw %d", class, text, s.wanted, s.stop, s.flaw)
		}
		if !json.Valid([]byte(text)) {
			t.Errorf("%s: %q is not JSON in a second parser's eyes", class, text)
		}
	}
}

func TestSuiteRefused(t *testing.T) {
	t.Parallel()
	for class, c := range refused {
		if s := scanned(c.text); s.wanted != c.wanted {
			t.Errorf("%s: %.40q: wanted %q at %d, want %q", class, c.text, s.wanted, s.stop, c.wanted)
		}
		if json.Valid([]byte(c.text)) {
			t.Errorf("%s: %.40q is JSON in a second parser's eyes", class, c.text)
		}
	}
}

func TestSuiteSettled(t *testing.T) {
	t.Parallel()
	for class, c := range settled {
		if s := scanned(c.text); s.wanted != "" != c.grammar || s.flaw != c.flaw {
			t.Errorf("%s: %.40q: wanted %q, flaw %d, want flaw %d: %s", class, c.text, s.wanted, s.flaw, c.flaw, c.why)
		}
		// The second parser judges the grammar alone.
		if json.Valid([]byte(c.text)) == c.grammar {
			t.Errorf("%s: %.40q: a second parser differs", class, c.text)
		}
	}
}

func TestSuiteSize(t *testing.T) {
	t.Parallel()
	if n := len(accepted) + len(refused) + len(settled); n != 318 {
		t.Errorf("%d classes of the suite's 318", n)
	}
}
