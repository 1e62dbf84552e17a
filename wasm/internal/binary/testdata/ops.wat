(module
  (type (;0;) (func))
  (memory (;0;) 1 1)
  (global (;0;) (mut i32) (i32.const 0))
  (func (;0;) (type 0)
    unreachable
    unreachable
    unreachable
  )
  (func (;1;) (type 0)
    unreachable
    nop
    unreachable
  )
  (func (;2;) (type 0)
    unreachable
    block
    end
    unreachable
  )
  (func (;3;) (type 0)
    unreachable
    loop
    end
    unreachable
  )
  (func (;4;) (type 0)
    unreachable
    if
    end
    unreachable
  )
  (func (;5;) (type 0)
    unreachable
    br 0
    unreachable
  )
  (func (;6;) (type 0)
    unreachable
    br_if 0
    unreachable
  )
  (func (;7;) (type 0)
    unreachable
    br_table 0 0 0
    unreachable
  )
  (func (;8;) (type 0)
    unreachable
    return
    unreachable
  )
  (func (;9;) (type 0)
    unreachable
    call 0
    unreachable
  )
  (func (;10;) (type 0)
    unreachable
    drop
    unreachable
  )
  (func (;11;) (type 0)
    unreachable
    select
    unreachable
  )
  (func (;12;) (type 0)
    (local i32)
    unreachable
    local.get 0
    unreachable
  )
  (func (;13;) (type 0)
    (local i32)
    unreachable
    local.set 0
    unreachable
  )
  (func (;14;) (type 0)
    (local i32)
    unreachable
    local.tee 0
    unreachable
  )
  (func (;15;) (type 0)
    unreachable
    global.get 0
    unreachable
  )
  (func (;16;) (type 0)
    unreachable
    global.set 0
    unreachable
  )
  (func (;17;) (type 0)
    unreachable
    i32.load offset=200
    unreachable
  )
  (func (;18;) (type 0)
    unreachable
    i64.load offset=200
    unreachable
  )
  (func (;19;) (type 0)
    unreachable
    f32.load offset=200
    unreachable
  )
  (func (;20;) (type 0)
    unreachable
    f64.load offset=200
    unreachable
  )
  (func (;21;) (type 0)
    unreachable
    i32.load8_s offset=200
    unreachable
  )
  (func (;22;) (type 0)
    unreachable
    i32.load8_u offset=200
    unreachable
  )
  (func (;23;) (type 0)
    unreachable
    i32.load16_s offset=200
    unreachable
  )
  (func (;24;) (type 0)
    unreachable
    i32.load16_u offset=200
    unreachable
  )
  (func (;25;) (type 0)
    unreachable
    i64.load8_s offset=200
    unreachable
  )
  (func (;26;) (type 0)
    unreachable
    i64.load8_u offset=200
    unreachable
  )
  (func (;27;) (type 0)
    unreachable
    i64.load16_s offset=200
    unreachable
  )
  (func (;28;) (type 0)
    unreachable
    i64.load16_u offset=200
    unreachable
  )
  (func (;29;) (type 0)
    unreachable
    i64.load32_s offset=200
    unreachable
  )
  (func (;30;) (type 0)
    unreachable
    i64.load32_u offset=200
    unreachable
  )
  (func (;31;) (type 0)
    unreachable
    i32.store offset=200
    unreachable
  )
  (func (;32;) (type 0)
    unreachable
    i64.store offset=200
    unreachable
  )
  (func (;33;) (type 0)
    unreachable
    f32.store offset=200
    unreachable
  )
  (func (;34;) (type 0)
    unreachable
    f64.store offset=200
    unreachable
  )
  (func (;35;) (type 0)
    unreachable
    i32.store8 offset=200
    unreachable
  )
  (func (;36;) (type 0)
    unreachable
    i32.store16 offset=200
    unreachable
  )
  (func (;37;) (type 0)
    unreachable
    i64.store8 offset=200
    unreachable
  )
  (func (;38;) (type 0)
    unreachable
    i64.store16 offset=200
    unreachable
  )
  (func (;39;) (type 0)
    unreachable
    i64.store32 offset=200
    unreachable
  )
  (func (;40;) (type 0)
    unreachable
    memory.size
    unreachable
  )
  (func (;41;) (type 0)
    unreachable
    memory.grow
    unreachable
  )
  (func (;42;) (type 0)
    unreachable
    i32.const 64
    unreachable
  )
  (func (;43;) (type 0)
    unreachable
    i64.const -1
    unreachable
  )
  (func (;44;) (type 0)
    unreachable
    f32.const 0.1
    unreachable
  )
  (func (;45;) (type 0)
    unreachable
    f64.const 0.1
    unreachable
  )
  (func (;46;) (type 0)
    unreachable
    i32.eqz
    unreachable
  )
  (func (;47;) (type 0)
    unreachable
    i32.eq
    unreachable
  )
  (func (;48;) (type 0)
    unreachable
    i32.ne
    unreachable
  )
  (func (;49;) (type 0)
    unreachable
    i32.lt_s
    unreachable
  )
  (func (;50;) (type 0)
    unreachable
    i32.lt_u
    unreachable
  )
  (func (;51;) (type 0)
    unreachable
    i32.gt_s
    unreachable
  )
  (func (;52;) (type 0)
    unreachable
    i32.gt_u
    unreachable
  )
  (func (;53;) (type 0)
    unreachable
    i32.le_s
    unreachable
  )
  (func (;54;) (type 0)
    unreachable
    i32.le_u
    unreachable
  )
  (func (;55;) (type 0)
    unreachable
    i32.ge_s
    unreachable
  )
  (func (;56;) (type 0)
    unreachable
    i32.ge_u
    unreachable
  )
  (func (;57;) (type 0)
    unreachable
    i64.eqz
    unreachable
  )
  (func (;58;) (type 0)
    unreachable
    i64.eq
    unreachable
  )
  (func (;59;) (type 0)
    unreachable
    i64.ne
    unreachable
  )
  (func (;60;) (type 0)
    unreachable
    i64.lt_s
    unreachable
  )
  (func (;61;) (type 0)
    unreachable
    i64.lt_u
    unreachable
  )
  (func (;62;) (type 0)
    unreachable
    i64.gt_s
    unreachable
  )
  (func (;63;) (type 0)
    unreachable
    i64.gt_u
    unreachable
  )
  (func (;64;) (type 0)
    unreachable
    i64.le_s
    unreachable
  )
  (func (;65;) (type 0)
    unreachable
    i64.le_u
    unreachable
  )
  (func (;66;) (type 0)
    unreachable
    i64.ge_s
    unreachable
  )
  (func (;67;) (type 0)
    unreachable
    i64.ge_u
    unreachable
  )
  (func (;68;) (type 0)
    unreachable
    f32.eq
    unreachable
  )
  (func (;69;) (type 0)
    unreachable
    f32.ne
    unreachable
  )
  (func (;70;) (type 0)
    unreachable
    f32.lt
    unreachable
  )
  (func (;71;) (type 0)
    unreachable
    f32.gt
    unreachable
  )
  (func (;72;) (type 0)
    unreachable
    f32.le
    unreachable
  )
  (func (;73;) (type 0)
    unreachable
    f32.ge
    unreachable
  )
  (func (;74;) (type 0)
    unreachable
    f64.eq
    unreachable
  )
  (func (;75;) (type 0)
    unreachable
    f64.ne
    unreachable
  )
  (func (;76;) (type 0)
    unreachable
    f64.lt
    unreachable
  )
  (func (;77;) (type 0)
    unreachable
    f64.gt
    unreachable
  )
  (func (;78;) (type 0)
    unreachable
    f64.le
    unreachable
  )
  (func (;79;) (type 0)
    unreachable
    f64.ge
    unreachable
  )
  (func (;80;) (type 0)
    unreachable
    i32.clz
    unreachable
  )
  (func (;81;) (type 0)
    unreachable
    i32.ctz
    unreachable
  )
  (func (;82;) (type 0)
    unreachable
    i32.popcnt
    unreachable
  )
  (func (;83;) (type 0)
    unreachable
    i32.add
    unreachable
  )
  (func (;84;) (type 0)
    unreachable
    i32.sub
    unreachable
  )
  (func (;85;) (type 0)
    unreachable
    i32.mul
    unreachable
  )
  (func (;86;) (type 0)
    unreachable
    i32.div_s
    unreachable
  )
  (func (;87;) (type 0)
    unreachable
    i32.div_u
    unreachable
  )
  (func (;88;) (type 0)
    unreachable
    i32.rem_s
    unreachable
  )
  (func (;89;) (type 0)
    unreachable
    i32.rem_u
    unreachable
  )
  (func (;90;) (type 0)
    unreachable
    i32.and
    unreachable
  )
  (func (;91;) (type 0)
    unreachable
    i32.or
    unreachable
  )
  (func (;92;) (type 0)
    unreachable
    i32.xor
    unreachable
  )
  (func (;93;) (type 0)
    unreachable
    i32.shl
    unreachable
  )
  (func (;94;) (type 0)
    unreachable
    i32.shr_s
    unreachable
  )
  (func (;95;) (type 0)
    unreachable
    i32.shr_u
    unreachable
  )
  (func (;96;) (type 0)
    unreachable
    i32.rotl
    unreachable
  )
  (func (;97;) (type 0)
    unreachable
    i32.rotr
    unreachable
  )
  (func (;98;) (type 0)
    unreachable
    i64.clz
    unreachable
  )
  (func (;99;) (type 0)
    unreachable
    i64.ctz
    unreachable
  )
  (func (;100;) (type 0)
    unreachable
    i64.popcnt
    unreachable
  )
  (func (;101;) (type 0)
    unreachable
    i64.add
    unreachable
  )
  (func (;102;) (type 0)
    unreachable
    i64.sub
    unreachable
  )
  (func (;103;) (type 0)
    unreachable
    i64.mul
    unreachable
  )
  (func (;104;) (type 0)
    unreachable
    i64.div_s
    unreachable
  )
  (func (;105;) (type 0)
    unreachable
    i64.div_u
    unreachable
  )
  (func (;106;) (type 0)
    unreachable
    i64.rem_s
    unreachable
  )
  (func (;107;) (type 0)
    unreachable
    i64.rem_u
    unreachable
  )
  (func (;108;) (type 0)
    unreachable
    i64.and
    unreachable
  )
  (func (;109;) (type 0)
    unreachable
    i64.or
    unreachable
  )
  (func (;110;) (type 0)
    unreachable
    i64.xor
    unreachable
  )
  (func (;111;) (type 0)
    unreachable
    i64.shl
    unreachable
  )
  (func (;112;) (type 0)
    unreachable
    i64.shr_s
    unreachable
  )
  (func (;113;) (type 0)
    unreachable
    i64.shr_u
    unreachable
  )
  (func (;114;) (type 0)
    unreachable
    i64.rotl
    unreachable
  )
  (func (;115;) (type 0)
    unreachable
    i64.rotr
    unreachable
  )
  (func (;116;) (type 0)
    unreachable
    f32.abs
    unreachable
  )
  (func (;117;) (type 0)
    unreachable
    f32.neg
    unreachable
  )
  (func (;118;) (type 0)
    unreachable
    f32.ceil
    unreachable
  )
  (func (;119;) (type 0)
    unreachable
    f32.floor
    unreachable
  )
  (func (;120;) (type 0)
    unreachable
    f32.trunc
    unreachable
  )
  (func (;121;) (type 0)
    unreachable
    f32.nearest
    unreachable
  )
  (func (;122;) (type 0)
    unreachable
    f32.sqrt
    unreachable
  )
  (func (;123;) (type 0)
    unreachable
    f32.add
    unreachable
  )
  (func (;124;) (type 0)
    unreachable
    f32.sub
    unreachable
  )
  (func (;125;) (type 0)
    unreachable
    f32.mul
    unreachable
  )
  (func (;126;) (type 0)
    unreachable
    f32.div
    unreachable
  )
  (func (;127;) (type 0)
    unreachable
    f32.min
    unreachable
  )
  (func (;128;) (type 0)
    unreachable
    f32.max
    unreachable
  )
  (func (;129;) (type 0)
    unreachable
    f32.copysign
    unreachable
  )
  (func (;130;) (type 0)
    unreachable
    f64.abs
    unreachable
  )
  (func (;131;) (type 0)
    unreachable
    f64.neg
    unreachable
  )
  (func (;132;) (type 0)
    unreachable
    f64.ceil
    unreachable
  )
  (func (;133;) (type 0)
    unreachable
    f64.floor
    unreachable
  )
  (func (;134;) (type 0)
    unreachable
    f64.trunc
    unreachable
  )
  (func (;135;) (type 0)
    unreachable
    f64.nearest
    unreachable
  )
  (func (;136;) (type 0)
    unreachable
    f64.sqrt
    unreachable
  )
  (func (;137;) (type 0)
    unreachable
    f64.add
    unreachable
  )
  (func (;138;) (type 0)
    unreachable
    f64.sub
    unreachable
  )
  (func (;139;) (type 0)
    unreachable
    f64.mul
    unreachable
  )
  (func (;140;) (type 0)
    unreachable
    f64.div
    unreachable
  )
  (func (;141;) (type 0)
    unreachable
    f64.min
    unreachable
  )
  (func (;142;) (type 0)
    unreachable
    f64.max
    unreachable
  )
  (func (;143;) (type 0)
    unreachable
    f64.copysign
    unreachable
  )
  (func (;144;) (type 0)
    unreachable
    i32.wrap_i64
    unreachable
  )
  (func (;145;) (type 0)
    unreachable
    i32.trunc_f32_s
    unreachable
  )
  (func (;146;) (type 0)
    unreachable
    i32.trunc_f32_u
    unreachable
  )
  (func (;147;) (type 0)
    unreachable
    i32.trunc_f64_s
    unreachable
  )
  (func (;148;) (type 0)
    unreachable
    i32.trunc_f64_u
    unreachable
  )
  (func (;149;) (type 0)
    unreachable
    i64.extend_i32_s
    unreachable
  )
  (func (;150;) (type 0)
    unreachable
    i64.extend_i32_u
    unreachable
  )
  (func (;151;) (type 0)
    unreachable
    i64.trunc_f32_s
    unreachable
  )
  (func (;152;) (type 0)
    unreachable
    i64.trunc_f32_u
    unreachable
  )
  (func (;153;) (type 0)
    unreachable
    i64.trunc_f64_s
    unreachable
  )
  (func (;154;) (type 0)
    unreachable
    i64.trunc_f64_u
    unreachable
  )
  (func (;155;) (type 0)
    unreachable
    f32.convert_i32_s
    unreachable
  )
  (func (;156;) (type 0)
    unreachable
    f32.convert_i32_u
    unreachable
  )
  (func (;157;) (type 0)
    unreachable
    f32.convert_i64_s
    unreachable
  )
  (func (;158;) (type 0)
    unreachable
    f32.convert_i64_u
    unreachable
  )
  (func (;159;) (type 0)
    unreachable
    f32.demote_f64
    unreachable
  )
  (func (;160;) (type 0)
    unreachable
    f64.convert_i32_s
    unreachable
  )
  (func (;161;) (type 0)
    unreachable
    f64.convert_i32_u
    unreachable
  )
  (func (;162;) (type 0)
    unreachable
    f64.convert_i64_s
    unreachable
  )
  (func (;163;) (type 0)
    unreachable
    f64.convert_i64_u
    unreachable
  )
  (func (;164;) (type 0)
    unreachable
    f64.promote_f32
    unreachable
  )
  (func (;165;) (type 0)
    unreachable
    i32.reinterpret_f32
    unreachable
  )
  (func (;166;) (type 0)
    unreachable
    i64.reinterpret_f64
    unreachable
  )
  (func (;167;) (type 0)
    unreachable
    f32.reinterpret_i32
    unreachable
  )
  (func (;168;) (type 0)
    unreachable
    f64.reinterpret_i64
    unreachable
  )
  (func (;169;) (type 0)
    unreachable
    i32.extend8_s
    unreachable
  )
  (func (;170;) (type 0)
    unreachable
    i32.extend16_s
    unreachable
  )
  (func (;171;) (type 0)
    unreachable
    i64.extend8_s
    unreachable
  )
  (func (;172;) (type 0)
    unreachable
    i64.extend16_s
    unreachable
  )
  (func (;173;) (type 0)
    unreachable
    i64.extend32_s
    unreachable
  )
  (func (;174;) (type 0)
    unreachable
    i32.trunc_sat_f32_s
    unreachable
  )
  (func (;175;) (type 0)
    unreachable
    i32.trunc_sat_f32_u
    unreachable
  )
  (func (;176;) (type 0)
    unreachable
    i32.trunc_sat_f64_s
    unreachable
  )
  (func (;177;) (type 0)
    unreachable
    i32.trunc_sat_f64_u
    unreachable
  )
  (func (;178;) (type 0)
    unreachable
    i64.trunc_sat_f32_s
    unreachable
  )
  (func (;179;) (type 0)
    unreachable
    i64.trunc_sat_f32_u
    unreachable
  )
  (func (;180;) (type 0)
    unreachable
    i64.trunc_sat_f64_s
    unreachable
  )
  (func (;181;) (type 0)
    unreachable
    i64.trunc_sat_f64_u
    unreachable
  )
  (func (;182;) (type 0)
    unreachable
    memory.copy
    unreachable
  )
  (func (;183;) (type 0)
    unreachable
    memory.fill
    unreachable
  )
)
