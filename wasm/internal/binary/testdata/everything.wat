(module
  (type (;0;) (func (result i32 i32)))
  (type (;1;) (func (param i64) (result i64)))
  (memory (;0;) 1 16)
  (global (;0;) i32 (i32.const 1))
  (global (;1;) (mut i64) (i64.const -9223372036854775808))
  (global (;2;) f32 (f32.const 1.5))
  (global (;3;) f64 (f64.const nan:0x8000000000001))
  (func (;0 everything;) (type 1) (param i64) (result i64)
    (local i32)
    (local f64)
    block
      block
        local.get 0
        i32.wrap_i64
        local.tee 1
        br_table 1 0 1
      end
    end
    loop (result i64)
      local.get 1
      i64.load32_s offset=8
      local.get 1
      if (result i32)
        f64.const 0.1
        local.set 2
        i32.const -1
      else
        f64.const -inf
        local.set 2
        i32.const 1
      end
      local.tee 1
      br_if 0
    end
    block (type 0)
      i32.const 0
      memory.size
    end
    i32.const 5
    memory.fill
    local.get 2
    i64.trunc_sat_f64_s
    i64.add
  )
  (export "f" (func 0))
  (export "memory" (memory 0))
  (export "sch\c3\b6n" (global 1))
  (data (;0;) (i32.const 1024) "a\22\00\5c\c3\a9")
  ;; custom section "rung.meta", 2 bytes
)
