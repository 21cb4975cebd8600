;; Counts the pairs that an observation makes with others for Kendall's tau, in float64 SIMD.
(module
  (import "js" "memory" (memory 1))

  ;; Of the pairs that ($x, $y) makes with each of the xs up to $end and ys: concordant minus discordant ones, those tied in
  ;; x, those tied in y, in the lanes 1 to 3. Others of which a side is NaN make none. Two are compared at a time.
  (func $count (param $x f64) (param $y f64) (param $xs i32) (param $end i32) (param $ys i32) (result v128)
    (local $a v128) (local $b v128) (local $x2 v128) (local $y2 v128)
    (local $upX v128) (local $downX v128) (local $upY v128) (local $downY v128)
    (local $score v128) (local $tiedX v128) (local $tiedY v128)
    (local.set $x2 (f64x2.splat (local.get $x)))
    (local.set $y2 (f64x2.splat (local.get $y)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $xs) (local.get $end)))
        (local.set $a (v128.load (local.get $xs)))
        (local.set $b (v128.load (local.get $ys)))
        (local.set $upX (f64x2.gt (local.get $x2) (local.get $a)))
        (local.set $downX (f64x2.lt (local.get $x2) (local.get $a)))
        (local.set $upY (f64x2.gt (local.get $y2) (local.get $b)))
        (local.set $downY (f64x2.lt (local.get $y2) (local.get $b)))
        ;; A lane that holds is -1.
        (local.set $score
          (i64x2.add
            (i64x2.sub
              (local.get $score)
              (v128.or
                (v128.and (local.get $upX) (local.get $upY))
                (v128.and (local.get $downX) (local.get $downY))))
            (v128.or
              (v128.and (local.get $upX) (local.get $downY))
              (v128.and (local.get $downX) (local.get $upY)))))
        (local.set $tiedX
          (i64x2.sub
            (local.get $tiedX)
            (v128.and (f64x2.eq (local.get $x2) (local.get $a)) (f64x2.eq (local.get $b) (local.get $b)))))
        (local.set $tiedY
          (i64x2.sub
            (local.get $tiedY)
            (v128.and (f64x2.eq (local.get $y2) (local.get $b)) (f64x2.eq (local.get $a) (local.get $a)))))
        (local.set $xs (i32.add (local.get $xs) (i32.const 16)))
        (local.set $ys (i32.add (local.get $ys) (i32.const 16)))
        (br $next)))
    (i32x4.replace_lane 3
      (i32x4.replace_lane 2
        (i32x4.replace_lane 1
          (v128.const i32x4 0 0 0 0)
          (i32.add (i32x4.extract_lane 0 (local.get $score)) (i32x4.extract_lane 2 (local.get $score))))
        (i32.add (i32x4.extract_lane 0 (local.get $tiedX)) (i32x4.extract_lane 2 (local.get $tiedX))))
      (i32.add (i32x4.extract_lane 0 (local.get $tiedY)) (i32x4.extract_lane 2 (local.get $tiedY)))))

  ;; The same to $counts.
  (func (export "countPairs")
    (param $x f64) (param $y f64) (param $xs i32) (param $end i32) (param $ys i32) (param $counts i32)
    (v128.store (local.get $counts)
      (call $count (local.get $x) (local.get $y) (local.get $xs) (local.get $end) (local.get $ys))))

  ;; In a table whose rows are $bytes long, the pairs that the observation at $offset makes with the others, x being each
  ;; row up to $end and y the row at $last. What is counted is added $sign times to the counts of the row, of which the
  ;; lane 0 is the number of observations. Nothing is counted in rows where a side of the observation is NaN.
  (func (export "countRows")
    (param $row i32) (param $end i32) (param $last i32) (param $bytes i32)
    (param $offset i32) (param $sign i32) (param $counts i32)
    (local $x f64) (local $y f64)
    (local.set $y (f64.load (i32.add (local.get $last) (local.get $offset))))
    (block $done
      (br_if $done (f64.ne (local.get $y) (local.get $y)))
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $x (f64.load (i32.add (local.get $row) (local.get $offset))))
        (if (f64.eq (local.get $x) (local.get $x))
          (then
            (v128.store (local.get $counts)
              (i32x4.add
                (v128.load (local.get $counts))
                (i32x4.mul
                  (i32x4.splat (local.get $sign))
                  (i32x4.add
                    ;; With itself it is tied.
                    (v128.const i32x4 1 0 -1 -1)
                    (call $count
                      (local.get $x)
                      (local.get $y)
                      (local.get $row)
                      (i32.add (local.get $row) (local.get $bytes))
                      (local.get $last))))))))
        (local.set $row (i32.add (local.get $row) (local.get $bytes)))
        (local.set $counts (i32.add (local.get $counts) (i32.const 16)))
        (br $next)))))
