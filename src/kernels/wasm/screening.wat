;; Integer approximations of rows and what they let through, in SIMD. Rows have $bytes bytes, a multiple of 64: elements that
;; fill up are 0. Places are byte offsets.
(module
  (import "js" "memory" (memory 1 65535 shared))

  (func $largest (param $v v128) (result f32)
    (f32.max
      (f32.max (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.max (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  (func $total (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  ;; The largest |x| * share of a row, none of whose elements is NaN.
  (func (export "largest") (param $x i32) (param $shares i32) (param $bytes i32) (result f32)
    (local $end i32) (local $m0 v128) (local $m1 v128) (local $m2 v128) (local $m3 v128)
    (local.set $end (i32.add (local.get $x) (local.get $bytes)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $m0 (f32x4.pmax (local.get $m0)
          (f32x4.mul (f32x4.abs (v128.load (local.get $x))) (v128.load (local.get $shares)))))
        (local.set $m1 (f32x4.pmax (local.get $m1)
          (f32x4.mul (f32x4.abs (v128.load offset=16 (local.get $x))) (v128.load offset=16 (local.get $shares)))))
        (local.set $m2 (f32x4.pmax (local.get $m2)
          (f32x4.mul (f32x4.abs (v128.load offset=32 (local.get $x))) (v128.load offset=32 (local.get $shares)))))
        (local.set $m3 (f32x4.pmax (local.get $m3)
          (f32x4.mul (f32x4.abs (v128.load offset=48 (local.get $x))) (v128.load offset=48 (local.get $shares)))))
        (local.set $x (i32.add (local.get $x) (i32.const 64)))
        (local.set $shares (i32.add (local.get $shares) (i32.const 64)))
        (br $next)))
    (call $largest
      (f32x4.pmax
        (f32x4.pmax (local.get $m0) (local.get $m1))
        (f32x4.pmax (local.get $m2) (local.get $m3)))))

  ;; With a = x * $rate and n = the nearest whole number: n in float32 to $whole, n as a saturated byte xor $flip to
  ;; $packed, and the sums of a^2, (a - n)^2, n^2 and n to $sums.
  (func (export "quantise")
    (param $x i32) (param $bytes i32) (param $rate f32) (param $flip i32)
    (param $whole i32) (param $packed i32) (param $sums i32)
    (local $end i32) (local $part i32) (local $a v128) (local $n v128) (local $e v128)
    (local $aa v128) (local $ee v128) (local $nn v128) (local $sum v128) (local $i v128) (local $p v128) (local $q v128)
    (local.set $end (i32.add (local.get $x) (local.get $bytes)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $part (i32.const 0))
        (loop $four
          (local.set $a (f32x4.mul (v128.load (local.get $x)) (f32x4.splat (local.get $rate))))
          (local.set $n (f32x4.nearest (local.get $a)))
          (v128.store (local.get $whole) (local.get $n))
          (local.set $e (f32x4.sub (local.get $a) (local.get $n)))
          (local.set $aa (f32x4.add (local.get $aa) (f32x4.mul (local.get $a) (local.get $a))))
          (local.set $ee (f32x4.add (local.get $ee) (f32x4.mul (local.get $e) (local.get $e))))
          (local.set $nn (f32x4.add (local.get $nn) (f32x4.mul (local.get $n) (local.get $n))))
          (local.set $sum (f32x4.add (local.get $sum) (local.get $n)))
          (local.set $i (i32x4.trunc_sat_f32x4_s (local.get $n)))
          ;; Four times four whole numbers are narrowed to sixteen bytes: the first and third four wait in $p, $q.
          (if (i32.and (local.get $part) (i32.const 1))
            (then (local.set $i (i16x8.narrow_i32x4_s (local.get $p) (local.get $i)))
              (if (i32.eq (local.get $part) (i32.const 1))
                (then (local.set $q (local.get $i)))
                (else
                  (v128.store (local.get $packed)
                    (v128.xor
                      (i8x16.narrow_i16x8_s (local.get $q) (local.get $i))
                      (i8x16.splat (local.get $flip)))))))
            (else (local.set $p (local.get $i))))
          (local.set $x (i32.add (local.get $x) (i32.const 16)))
          (local.set $whole (i32.add (local.get $whole) (i32.const 16)))
          (local.set $part (i32.add (local.get $part) (i32.const 1)))
          (br_if $four (i32.lt_u (local.get $part) (i32.const 4))))
        (local.set $packed (i32.add (local.get $packed) (i32.const 16)))
        (br $next)))
    (f32.store (local.get $sums) (call $total (local.get $aa)))
    (f32.store offset=4 (local.get $sums) (call $total (local.get $ee)))
    (f32.store offset=8 (local.get $sums) (call $total (local.get $nn)))
    (f32.store offset=12 (local.get $sums) (call $total (local.get $sum))))

  ;; Writes $first + j to $found for every output j whose upper bound reaches its limit:
  ;; products_j + shift_j + $error * norm_j + $slack + $rate * offset_j - $limit * limit_j > 0. $bytes: a multiple of 16.
  ;; Returns where the next number would go.
  (func (export "scan")
    (param $products i32) (param $bytes i32) (param $shifts i32) (param $norms i32) (param $offsets i32) (param $limits i32)
    (param $error f32) (param $slack f32) (param $rate f32) (param $limit f32)
    (param $first i32) (param $found i32) (result i32)
    (local $at i32) (local $mask i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $bytes)))
        (local.set $mask (i32x4.bitmask (f32x4.gt
          (f32x4.add
            (f32x4.add
              (f32x4.add
                (f32x4.convert_i32x4_s (v128.load (i32.add (local.get $products) (local.get $at))))
                (v128.load (i32.add (local.get $shifts) (local.get $at))))
              (f32x4.splat (local.get $slack)))
            (f32x4.add
              (f32x4.mul (f32x4.splat (local.get $error)) (v128.load (i32.add (local.get $norms) (local.get $at))))
              (f32x4.mul (f32x4.splat (local.get $rate)) (v128.load (i32.add (local.get $offsets) (local.get $at))))))
          (f32x4.mul (f32x4.splat (local.get $limit)) (v128.load (i32.add (local.get $limits) (local.get $at)))))))
        (block $taken
          (loop $take
            (br_if $taken (i32.eqz (local.get $mask)))
            (i32.store (local.get $found)
              (i32.add
                (i32.add (local.get $first) (i32.shr_u (local.get $at) (i32.const 2)))
                (i32.ctz (local.get $mask))))
            (local.set $found (i32.add (local.get $found) (i32.const 4)))
            (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
            (br $take)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (local.get $found))

  ;; Dot products of one row with $count others, whose places are listed, to $out. $count: a multiple of 4.
  (func (export "dots") (param $x i32) (param $bytes i32) (param $list i32) (param $count i32) (param $out i32)
    (local $end i32) (local $at i32) (local $v v128)
    (local $w0 i32) (local $w1 i32) (local $w2 i32) (local $w3 i32)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $w0 (i32.load (local.get $list)))
        (local.set $w1 (i32.load offset=4 (local.get $list)))
        (local.set $w2 (i32.load offset=8 (local.get $list)))
        (local.set $w3 (i32.load offset=12 (local.get $list)))
        (local.set $s0 (v128.const f32x4 0 0 0 0))
        (local.set $s1 (v128.const f32x4 0 0 0 0))
        (local.set $s2 (v128.const f32x4 0 0 0 0))
        (local.set $s3 (v128.const f32x4 0 0 0 0))
        (local.set $at (i32.const 0))
        (loop $add
          (local.set $v (v128.load (i32.add (local.get $x) (local.get $at))))
          (local.set $s0 (f32x4.add (local.get $s0)
            (f32x4.mul (local.get $v) (v128.load (i32.add (local.get $w0) (local.get $at))))))
          (local.set $s1 (f32x4.add (local.get $s1)
            (f32x4.mul (local.get $v) (v128.load (i32.add (local.get $w1) (local.get $at))))))
          (local.set $s2 (f32x4.add (local.get $s2)
            (f32x4.mul (local.get $v) (v128.load (i32.add (local.get $w2) (local.get $at))))))
          (local.set $s3 (f32x4.add (local.get $s3)
            (f32x4.mul (local.get $v) (v128.load (i32.add (local.get $w3) (local.get $at))))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br_if $add (i32.lt_u (local.get $at) (local.get $bytes))))
        (f32.store (local.get $out) (call $total (local.get $s0)))
        (f32.store offset=4 (local.get $out) (call $total (local.get $s1)))
        (f32.store offset=8 (local.get $out) (call $total (local.get $s2)))
        (f32.store offset=12 (local.get $out) (call $total (local.get $s3)))
        (local.set $list (i32.add (local.get $list) (i32.const 16)))
        (local.set $out (i32.add (local.get $out) (i32.const 16)))
        (br $next)))))
