;; The log-loss of a linear classifier over dense columns, in float64 SIMD. Row counts are multiples of 4: rows that fill
;; up have the sign 0 and count for nothing. Column j of x begins at x + j * rows * 8.
(module
  (import "js" "memory" (memory 1))

  ;; By row: curvature and residual (derivative of the loss by the decision value) for the weights at $weights, $columns
  ;; of them. Returns the sum of the residuals.
  (func (export "move")
    (param $x i32) (param $signs i32) (param $curvatures i32) (param $residuals i32)
    (param $weights i32) (param $intercept f64) (param $columns i32) (param $rows i32)
    (result f64)
    (local $at i32) (local $end i32) (local $stride i32) (local $column i32) (local $weight i32) (local $weightsEnd i32)
    (local $d0 v128) (local $d1 v128) (local $w v128) (local $sum v128)
    (local.set $stride (i32.shl (local.get $rows) (i32.const 3)))
    (local.set $end (local.get $stride))
    (local.set $weightsEnd (i32.add (local.get $weights) (i32.shl (local.get $columns) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $d0 (f64x2.splat (local.get $intercept)))
        (local.set $d1 (local.get $d0))
        (local.set $column (i32.add (local.get $x) (local.get $at)))
        (local.set $weight (local.get $weights))
        (block $summed
          (loop $add
            (br_if $summed (i32.ge_u (local.get $weight) (local.get $weightsEnd)))
            (local.set $w (v128.load64_splat (local.get $weight)))
            (local.set $d0 (f64x2.add (local.get $d0) (f64x2.mul (local.get $w) (v128.load (local.get $column)))))
            (local.set $d1
              (f64x2.add (local.get $d1) (f64x2.mul (local.get $w) (v128.load offset=16 (local.get $column)))))
            (local.set $column (i32.add (local.get $column) (local.get $stride)))
            (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
            (br $add)))
        (local.set $sum (f64x2.add (local.get $sum)
          (call $row (local.get $d0) (i32.add (local.get $signs) (local.get $at))
            (i32.add (local.get $curvatures) (local.get $at)) (i32.add (local.get $residuals) (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $sum (f64x2.add (local.get $sum)
          (call $row (local.get $d1) (i32.add (local.get $signs) (local.get $at))
            (i32.add (local.get $curvatures) (local.get $at)) (i32.add (local.get $residuals) (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum))))

  ;; Curvature and residual of two rows from their decision values.
  (func $row (param $decision v128) (param $signs i32) (param $curvatures i32) (param $residuals i32) (result v128)
    (local $sign v128) (local $margin v128) (local $v v128) (local $t v128) (local $r v128) (local $p v128)
    (local $q v128) (local $r2 v128) (local $r4 v128) (local $tail v128) (local $share v128)
    (local.set $sign (v128.load (local.get $signs)))
    (local.set $margin (f64x2.mul (local.get $sign) (local.get $decision)))
    ;; tail = exp(-|margin|): 2^n times a polynomial on |r| <= ln 2 / 2, to 2e-16. Below -708 it is as good as 0.
    (local.set $v (f64x2.pmax (f64x2.neg (f64x2.abs (local.get $margin))) (v128.const f64x2 -708 -708)))
    ;; Adding 1.5 * 2^52 leaves the nearest integer in the low bits.
    (local.set $t (f64x2.add
      (f64x2.mul (local.get $v) (v128.const f64x2 1.4426950408889634 1.4426950408889634))
      (v128.const f64x2 6755399441055744 6755399441055744)))
    (local.set $r (f64x2.sub (local.get $t) (v128.const f64x2 6755399441055744 6755399441055744)))
    (local.set $r (f64x2.sub
      (f64x2.sub (local.get $v)
        (f64x2.mul (local.get $r) (v128.const f64x2 0.693147180369123816490 0.693147180369123816490)))
      (f64x2.mul (local.get $r) (v128.const f64x2 1.90821492927058770002e-10 1.90821492927058770002e-10))))
    ;; The powers of r in pairs, and those in pairs again: a sum of 13 terms, four additions deep.
    (local.set $r2 (f64x2.mul (local.get $r) (local.get $r)))
    (local.set $r4 (f64x2.mul (local.get $r2) (local.get $r2)))
    (local.set $p (f64x2.add
      (f64x2.add
        (f64x2.add (v128.const f64x2 1 1) (f64x2.mul (v128.const f64x2 1 1) (local.get $r)))
        (f64x2.mul (f64x2.add (v128.const f64x2 0.5 0.5) (f64x2.mul (v128.const f64x2 0.16666666666666666 0.16666666666666666) (local.get $r))) (local.get $r2)))
      (f64x2.mul (f64x2.add
        (f64x2.add (v128.const f64x2 4.1666666666666664e-2 4.1666666666666664e-2) (f64x2.mul (v128.const f64x2 8.333333333333333e-3 8.333333333333333e-3) (local.get $r)))
        (f64x2.mul (f64x2.add (v128.const f64x2 1.388888888888889e-3 1.388888888888889e-3) (f64x2.mul (v128.const f64x2 1.984126984126984e-4 1.984126984126984e-4) (local.get $r))) (local.get $r2))) (local.get $r4))))
    (local.set $q (f64x2.add
      (f64x2.add
        (f64x2.add (v128.const f64x2 2.48015873015873e-5 2.48015873015873e-5) (f64x2.mul (v128.const f64x2 2.7557319223985893e-6 2.7557319223985893e-6) (local.get $r)))
        (f64x2.mul (f64x2.add (v128.const f64x2 2.755731922398589e-7 2.755731922398589e-7) (f64x2.mul (v128.const f64x2 2.505210838544172e-8 2.505210838544172e-8) (local.get $r))) (local.get $r2)))
      (f64x2.mul (v128.const f64x2 2.08767569878681e-9 2.08767569878681e-9) (local.get $r4))))
    (local.set $p (f64x2.add (local.get $p)
      (f64x2.mul (local.get $q) (f64x2.mul (local.get $r4) (local.get $r4)))))
    (local.set $tail (f64x2.mul (local.get $p)
      (i64x2.shl (i64x2.add (local.get $t) (v128.const i64x2 1023 1023)) (i32.const 52))))
    (local.set $share (f64x2.div (v128.const f64x2 1 1) (f64x2.add (v128.const f64x2 1 1) (local.get $tail))))
    (v128.store (local.get $curvatures)
      (f64x2.mul
        (f64x2.mul (local.get $tail) (f64x2.mul (local.get $share) (local.get $share)))
        (f64x2.mul (local.get $sign) (local.get $sign))))
    ;; -sign * share where the row is on the wrong side, -sign * tail * share where it is on the right one.
    (local.set $share (f64x2.mul (f64x2.neg (local.get $sign))
      (v128.bitselect (local.get $share) (f64x2.mul (local.get $tail) (local.get $share))
        (f64x2.lt (local.get $margin) (v128.const f64x2 0 0)))))
    (v128.store (local.get $residuals) (local.get $share))
    (local.get $share))

  ;; Sum of products of two columns.
  (func $dot (export "dot") (param $a i32) (param $b i32) (param $rows i32) (result f64)
    (local $end i32) (local $s0 v128) (local $s1 v128)
    (local.set $end (i32.add (local.get $a) (i32.shl (local.get $rows) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (v128.load (local.get $a)) (v128.load (local.get $b)))))
        (local.set $s1 (f64x2.add (local.get $s1)
          (f64x2.mul (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))))
        (local.set $a (i32.add (local.get $a) (i32.const 32)))
        (local.set $b (i32.add (local.get $b) (i32.const 32)))
        (br $next)))
    (local.set $s0 (f64x2.add (local.get $s0) (local.get $s1)))
    (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))

  ;; Products of a vector with each column of x: the gradient from the residuals.
  (func (export "project") (param $x i32) (param $vector i32) (param $out i32) (param $columns i32) (param $rows i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $out) (i32.shl (local.get $columns) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $out) (local.get $end)))
        (f64.store (local.get $out) (call $dot (local.get $x) (local.get $vector) (local.get $rows)))
        (local.set $x (i32.add (local.get $x) (i32.shl (local.get $rows) (i32.const 3))))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (br $next))))

  ;; Second derivatives: $hessian [columns, columns] below the diagonal and on it, $cross [columns], by the curvatures.
  ;; $scratch has room for a column. Returns the sum of the curvatures.
  (func (export "curve")
    (param $x i32) (param $curvatures i32) (param $scratch i32) (param $hessian i32) (param $cross i32)
    (param $columns i32) (param $rows i32)
    (result f64)
    (local $j i32) (local $l i32) (local $stride i32) (local $column i32) (local $other i32) (local $out i32)
    (local $sum v128)
    (local.set $stride (i32.shl (local.get $rows) (i32.const 3)))
    (local.set $column (local.get $x))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $j) (local.get $columns)))
        (f64.store (i32.add (local.get $cross) (i32.shl (local.get $j) (i32.const 3)))
          (call $weigh (local.get $column) (local.get $curvatures) (local.get $scratch) (local.get $rows)))
        (local.set $out (i32.add (local.get $hessian)
          (i32.shl (i32.mul (local.get $j) (local.get $columns)) (i32.const 3))))
        (local.set $other (local.get $x))
        (local.set $l (i32.const 0))
        (block $four
          (loop $nextFour
            (br_if $four (i32.gt_u (i32.add (local.get $l) (i32.const 3)) (local.get $j)))
            (call $dotFour (local.get $scratch) (local.get $other) (local.get $stride) (local.get $out))
            (local.set $other (i32.add (local.get $other) (i32.shl (local.get $stride) (i32.const 2))))
            (local.set $out (i32.add (local.get $out) (i32.const 32)))
            (local.set $l (i32.add (local.get $l) (i32.const 4)))
            (br $nextFour)))
        (block $rest
          (loop $nextOne
            (br_if $rest (i32.gt_u (local.get $l) (local.get $j)))
            (f64.store (local.get $out) (call $dot (local.get $scratch) (local.get $other) (local.get $rows)))
            (local.set $other (i32.add (local.get $other) (local.get $stride)))
            (local.set $out (i32.add (local.get $out) (i32.const 8)))
            (local.set $l (i32.add (local.get $l) (i32.const 1)))
            (br $nextOne)))
        (local.set $column (i32.add (local.get $column) (local.get $stride)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br $next)))
    (local.set $j (i32.const 0))
    (block $summed
      (loop $add
        (br_if $summed (i32.ge_u (local.get $j) (local.get $stride)))
        (local.set $sum (f64x2.add (local.get $sum) (v128.load (i32.add (local.get $curvatures) (local.get $j)))))
        (local.set $j (i32.add (local.get $j) (i32.const 16)))
        (br $add)))
    (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum))))

  ;; $scratch = column * curvatures; returns its sum.
  (func $weigh (param $column i32) (param $curvatures i32) (param $scratch i32) (param $rows i32) (result f64)
    (local $end i32) (local $product v128) (local $sum v128)
    (local.set $end (i32.add (local.get $column) (i32.shl (local.get $rows) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $column) (local.get $end)))
        (local.set $product (f64x2.mul (v128.load (local.get $column)) (v128.load (local.get $curvatures))))
        (v128.store (local.get $scratch) (local.get $product))
        (local.set $sum (f64x2.add (local.get $sum) (local.get $product)))
        (local.set $column (i32.add (local.get $column) (i32.const 16)))
        (local.set $curvatures (i32.add (local.get $curvatures) (i32.const 16)))
        (local.set $scratch (i32.add (local.get $scratch) (i32.const 16)))
        (br $next)))
    (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum))))

  ;; Products of a vector with four columns that follow each other: the vector is loaded once for all.
  (func $dotFour (param $vector i32) (param $x i32) (param $stride i32) (param $out i32)
    (local $end i32) (local $v v128) (local $x1 i32) (local $x2 i32) (local $x3 i32)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $end (i32.add (local.get $vector) (local.get $stride)))
    (local.set $x1 (i32.add (local.get $x) (local.get $stride)))
    (local.set $x2 (i32.add (local.get $x1) (local.get $stride)))
    (local.set $x3 (i32.add (local.get $x2) (local.get $stride)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $vector) (local.get $end)))
        (local.set $v (v128.load (local.get $vector)))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $v) (v128.load (local.get $x)))))
        (local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $v) (v128.load (local.get $x1)))))
        (local.set $s2 (f64x2.add (local.get $s2) (f64x2.mul (local.get $v) (v128.load (local.get $x2)))))
        (local.set $s3 (f64x2.add (local.get $s3) (f64x2.mul (local.get $v) (v128.load (local.get $x3)))))
        (local.set $vector (i32.add (local.get $vector) (i32.const 16)))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $x1 (i32.add (local.get $x1) (i32.const 16)))
        (local.set $x2 (i32.add (local.get $x2) (i32.const 16)))
        (local.set $x3 (i32.add (local.get $x3) (i32.const 16)))
        (br $next)))
    (f64.store (local.get $out) (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))
    (f64.store offset=8 (local.get $out)
      (f64.add (f64x2.extract_lane 0 (local.get $s1)) (f64x2.extract_lane 1 (local.get $s1))))
    (f64.store offset=16 (local.get $out)
      (f64.add (f64x2.extract_lane 0 (local.get $s2)) (f64x2.extract_lane 1 (local.get $s2))))
    (f64.store offset=24 (local.get $out)
      (f64.add (f64x2.extract_lane 0 (local.get $s3)) (f64x2.extract_lane 1 (local.get $s3)))))

  ;; Whether the curvatures differ from those in $before by more than $share of their sum.
  (func (export "isStale") (param $curvatures i32) (param $before i32) (param $share f64) (param $rows i32) (result i32)
    (local $end i32) (local $c v128) (local $change v128) (local $sum v128)
    (local.set $end (i32.add (local.get $curvatures) (i32.shl (local.get $rows) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $curvatures) (local.get $end)))
        (local.set $c (v128.load (local.get $curvatures)))
        (local.set $sum (f64x2.add (local.get $sum) (local.get $c)))
        (local.set $change (f64x2.add (local.get $change)
          (f64x2.abs (f64x2.sub (local.get $c) (v128.load (local.get $before))))))
        (local.set $curvatures (i32.add (local.get $curvatures) (i32.const 16)))
        (local.set $before (i32.add (local.get $before) (i32.const 16)))
        (br $next)))
    (f64.gt
      (f64.add (f64x2.extract_lane 0 (local.get $change)) (f64x2.extract_lane 1 (local.get $change)))
      (f64.mul (local.get $share)
        (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum)))))))
