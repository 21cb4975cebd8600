;; Sums of decoder rows, in float64 SIMD. Column counts are multiples of 8.
(module
  (import "js" "memory" (memory 1))

  ;; sums[c] += z[0] * rows[0][c] + z[1] * rows[1][c] + ..., one after the other: sums and z float64, rows float32, row
  ;; after row.
  (func (export "addRows")
    (param $sums i32) (param $rows i32) (param $z i32) (param $count i32) (param $cols i32)
    (local $end i32) (local $stride i32) (local $row i32) (local $at i32) (local $zEnd i32)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128) (local $w v128)
    (local.set $stride (i32.shl (local.get $cols) (i32.const 2)))
    (local.set $end (i32.add (local.get $rows) (local.get $stride)))
    (local.set $zEnd (i32.add (local.get $z) (i32.shl (local.get $count) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $rows) (local.get $end)))
        (local.set $s0 (v128.load (local.get $sums)))
        (local.set $s1 (v128.load offset=16 (local.get $sums)))
        (local.set $s2 (v128.load offset=32 (local.get $sums)))
        (local.set $s3 (v128.load offset=48 (local.get $sums)))
        (local.set $row (local.get $rows))
        (local.set $at (local.get $z))
        (block $added
          (loop $add
            (br_if $added (i32.ge_u (local.get $at) (local.get $zEnd)))
            (local.set $w (v128.load64_splat (local.get $at)))
            (local.set $s0 (f64x2.add (local.get $s0)
              (f64x2.mul (local.get $w) (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $row))))))
            (local.set $s1 (f64x2.add (local.get $s1)
              (f64x2.mul (local.get $w) (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $row))))))
            (local.set $s2 (f64x2.add (local.get $s2)
              (f64x2.mul (local.get $w) (f64x2.promote_low_f32x4 (v128.load64_zero offset=16 (local.get $row))))))
            (local.set $s3 (f64x2.add (local.get $s3)
              (f64x2.mul (local.get $w) (f64x2.promote_low_f32x4 (v128.load64_zero offset=24 (local.get $row))))))
            (local.set $row (i32.add (local.get $row) (local.get $stride)))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br $add)))
        (v128.store (local.get $sums) (local.get $s0))
        (v128.store offset=16 (local.get $sums) (local.get $s1))
        (v128.store offset=32 (local.get $sums) (local.get $s2))
        (v128.store offset=48 (local.get $sums) (local.get $s3))
        (local.set $rows (i32.add (local.get $rows) (i32.const 32)))
        (local.set $sums (i32.add (local.get $sums) (i32.const 64)))
        (br $next)))))
