;; Logits of a linear probe and its AdamW step, in float32 SIMD. Rows have $bytes bytes, a multiple of 16: columns that fill
;; up are 0. Rows are given by their byte offsets, one i32 each.
(module
  (import "js" "memory" (memory 1))

  ;; $out = x . weights for each of $count rows
  (func (export "logits")
    (param $rows i32) (param $count i32) (param $weights i32) (param $bytes i32) (param $out i32)
    (local $end i32) (local $x i32) (local $w i32) (local $last i32) (local $sum v128)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $last (i32.add (local.get $weights) (local.get $bytes)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $rows) (local.get $end)))
        (local.set $x (i32.load (local.get $rows)))
        (local.set $w (local.get $weights))
        (local.set $sum (v128.const f32x4 0 0 0 0))
        (block $summed
          (loop $add
            (br_if $summed (i32.ge_u (local.get $w) (local.get $last)))
            (local.set $sum
              (f32x4.add (local.get $sum) (f32x4.mul (v128.load (local.get $x)) (v128.load (local.get $w)))))
            (local.set $x (i32.add (local.get $x) (i32.const 16)))
            (local.set $w (i32.add (local.get $w) (i32.const 16)))
            (br $add)))
        (f32.store (local.get $out)
          (f32.add
            (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
            (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $next))))

  ;; One step of AdamW along residuals . x + $l1 * sign(weights): four columns at a time, from gradient to weights.
  ;; $kept = 1 - rate * decay; $size = rate / (1 - beta1^t); $scale = 1 / sqrt(1 - beta2^t).
  (func (export "step")
    (param $rows i32) (param $residuals i32) (param $count i32)
    (param $weights i32) (param $first i32) (param $second i32) (param $bytes i32)
    (param $l1 f32) (param $kept f32) (param $size f32) (param $scale f32)
    (local $column i32) (local $row i32) (local $end i32) (local $residual i32)
    (local $w v128) (local $g v128) (local $m v128) (local $v v128) (local $at i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $column) (local.get $bytes)))
        (local.set $at (i32.add (local.get $weights) (local.get $column)))
        (local.set $w (v128.load (local.get $at)))
        ;; l1 with the sign of the weight, 0 for a weight of 0
        (local.set $g (v128.and
          (v128.or
            (v128.and (local.get $w) (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000))
            (f32x4.splat (local.get $l1)))
          (f32x4.ne (local.get $w) (v128.const f32x4 0 0 0 0))))
        (local.set $row (local.get $rows))
        (local.set $residual (local.get $residuals))
        (block $summed
          (loop $add
            (br_if $summed (i32.ge_u (local.get $row) (local.get $end)))
            (local.set $g (f32x4.add (local.get $g)
              (f32x4.mul
                (v128.load32_splat (local.get $residual))
                (v128.load (i32.add (i32.load (local.get $row)) (local.get $column))))))
            (local.set $row (i32.add (local.get $row) (i32.const 4)))
            (local.set $residual (i32.add (local.get $residual) (i32.const 4)))
            (br $add)))
        (local.set $at (i32.add (local.get $first) (local.get $column)))
        (local.set $m (f32x4.add
          (f32x4.mul (v128.load (local.get $at)) (v128.const f32x4 0.9 0.9 0.9 0.9))
          (f32x4.mul (local.get $g) (v128.const f32x4 0.1 0.1 0.1 0.1))))
        (v128.store (local.get $at) (local.get $m))
        (local.set $at (i32.add (local.get $second) (local.get $column)))
        (local.set $v (f32x4.add
          (f32x4.mul (v128.load (local.get $at)) (v128.const f32x4 0.999 0.999 0.999 0.999))
          (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (v128.const f32x4 0.001 0.001 0.001 0.001))))
        (v128.store (local.get $at) (local.get $v))
        (v128.store (i32.add (local.get $weights) (local.get $column))
          (f32x4.sub
            (f32x4.mul (f32x4.splat (local.get $kept)) (local.get $w))
            (f32x4.div
              (f32x4.mul (f32x4.splat (local.get $size)) (local.get $m))
              (f32x4.add
                (f32x4.mul (f32x4.sqrt (local.get $v)) (f32x4.splat (local.get $scale)))
                (v128.const f32x4 1e-8 1e-8 1e-8 1e-8)))))
        (local.set $column (i32.add (local.get $column) (i32.const 16)))
        (br $next)))))
