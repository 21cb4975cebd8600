;; Widens IEEE 754 binary16 to float32, in SIMD.
(module
  (import "js" "memory" (memory 3))

  ;; Of four bit patterns in 32 bits each. Exponent and mantissa move to their places in a float32 whose exponent then is
  ;; short by 112: a product with 2^112 makes up for it, which also normalises what is subnormal in 16 bits.
  (func $four (param $bits v128) (result v128)
    (local $magnitude v128)
    (local.set $magnitude (i32x4.shl (v128.and (local.get $bits) (i32x4.splat (i32.const 0x7fff))) (i32.const 13)))
    (v128.or
      (v128.or
        (f32x4.mul (local.get $magnitude) (i32x4.splat (i32.const 0x77800000)))
        ;; Infinity and NaN have all bits of the exponent.
        (v128.and
          (i32x4.gt_s (local.get $magnitude) (i32x4.splat (i32.const 0x0f7fffff)))
          (i32x4.splat (i32.const 0x7f800000))))
      (i32x4.shl (v128.and (local.get $bits) (i32x4.splat (i32.const 0x8000))) (i32.const 16))))

  ;; $count bit patterns at $from, a multiple of 8, to float32 at $to.
  (func (export "widen") (param $from i32) (param $count i32) (param $to i32)
    (local $end i32) (local $bits v128)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 1))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $bits (v128.load (local.get $from)))
        (v128.store (local.get $to) (call $four (i32x4.extend_low_i16x8_u (local.get $bits))))
        (v128.store offset=16 (local.get $to) (call $four (i32x4.extend_high_i16x8_u (local.get $bits))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (br $next)))))
