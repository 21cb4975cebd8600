;; Transforms rows in place, in SIMD.
(module
  (import "js" "memory" (memory 1))

  ;; Subtracts $count numbers at $offset from those at $row. Squares are written out where they are added: engines may not
  ;; inline a function. Returns the sum of the squares of what remains, in float64.
  (func (export "subtract") (param $row i32) (param $count i32) (param $offset i32) (result f64)
    (local $whole i32) (local $end i32) (local $x v128) (local $low v128) (local $high v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128) (local $sum f64) (local $one f32) (local $wide f64)
    (local.set $end (i32.add (local.get $row) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $whole (i32.add (local.get $row) (i32.shl (i32.and (local.get $count) (i32.const -8)) (i32.const 2))))
    (block $done
      (loop $eight
        (br_if $done (i32.ge_u (local.get $row) (local.get $whole)))
        (local.set $x (f32x4.sub (v128.load (local.get $row)) (v128.load (local.get $offset))))
        (v128.store (local.get $row) (local.get $x))
        (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
        (local.set $high
          (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $x) (local.get $x))))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $high) (local.get $high))))
        (local.set $x (f32x4.sub (v128.load offset=16 (local.get $row)) (v128.load offset=16 (local.get $offset))))
        (v128.store offset=16 (local.get $row) (local.get $x))
        (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
        (local.set $high
          (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $x) (local.get $x))))
        (local.set $s2 (f64x2.add (local.get $s2) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $s3 (f64x2.add (local.get $s3) (f64x2.mul (local.get $high) (local.get $high))))
        (local.set $row (i32.add (local.get $row) (i32.const 32)))
        (local.set $offset (i32.add (local.get $offset) (i32.const 32)))
        (br $eight)))
    (local.set $s0 (f64x2.add (f64x2.add (local.get $s0) (local.get $s1)) (f64x2.add (local.get $s2) (local.get $s3))))
    (local.set $sum (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))
    (block $finished
      (loop $each
        (br_if $finished (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $one (f32.sub (f32.load (local.get $row)) (f32.load (local.get $offset))))
        (f32.store (local.get $row) (local.get $one))
        (local.set $wide (f64.promote_f32 (local.get $one)))
        (local.set $sum (f64.add (local.get $sum) (f64.mul (local.get $wide) (local.get $wide))))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (local.set $offset (i32.add (local.get $offset) (i32.const 4)))
        (br $each)))
    (local.get $sum)))
