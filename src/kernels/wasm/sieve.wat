;; Numbers of a row above their limits, and the largest of a row, in SIMD.
(module
  (import "js" "memory" (memory 1))

  ;; Numbers above their limits: their positions to $indices and they themselves to $found, in ascending order of
  ;; position. 64 bytes of numbers are compared at a time, with limits that lie $step bytes behind those before: 64, or 0
  ;; where all have the same. Returns how many were found.
  (func $above (export "above")
    (param $values i32) (param $bytes i32) (param $limits i32) (param $step i32) (param $indices i32) (param $found i32)
    (result i32)
    (local $at i32) (local $mask i32) (local $bit i32) (local $count i32)
    (local $m0 v128) (local $m1 v128) (local $m2 v128) (local $m3 v128)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $bytes)))
        (local.set $m0 (f32x4.gt (v128.load (local.get $values)) (v128.load (local.get $limits))))
        (local.set $m1 (f32x4.gt (v128.load offset=16 (local.get $values)) (v128.load offset=16 (local.get $limits))))
        (local.set $m2 (f32x4.gt (v128.load offset=32 (local.get $values)) (v128.load offset=32 (local.get $limits))))
        (local.set $m3 (f32x4.gt (v128.load offset=48 (local.get $values)) (v128.load offset=48 (local.get $limits))))
        (if
          (v128.any_true
            (v128.or (v128.or (local.get $m0) (local.get $m1)) (v128.or (local.get $m2) (local.get $m3))))
          (then
            (local.set $mask
              (i32.or
                (i32.or
                  (i32x4.bitmask (local.get $m0))
                  (i32.shl (i32x4.bitmask (local.get $m1)) (i32.const 4)))
                (i32.or
                  (i32.shl (i32x4.bitmask (local.get $m2)) (i32.const 8))
                  (i32.shl (i32x4.bitmask (local.get $m3)) (i32.const 12)))))
            (loop $each
              (local.set $bit (i32.ctz (local.get $mask)))
              (i32.store
                (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2)))
                (i32.add (i32.shr_u (local.get $at) (i32.const 2)) (local.get $bit)))
              (f32.store
                (i32.add (local.get $found) (i32.shl (local.get $count) (i32.const 2)))
                (f32.load (i32.add (local.get $values) (i32.shl (local.get $bit) (i32.const 2)))))
              (local.set $count (i32.add (local.get $count) (i32.const 1)))
              (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
              (br_if $each (local.get $mask)))))
        (local.set $values (i32.add (local.get $values) (i32.const 64)))
        (local.set $limits (i32.add (local.get $limits) (local.get $step)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next)))
    (local.get $count))

  ;; The same of $rows rows, one behind the other. Writes to $ends how many were found up to the end of each.
  (func (export "rows")
    (param $values i32) (param $rows i32) (param $bytes i32) (param $limits i32) (param $step i32)
    (param $indices i32) (param $found i32) (param $ends i32)
    (local $count i32) (local $total i32)
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $count
          (call $above (local.get $values) (local.get $bytes) (local.get $limits) (local.get $step)
            (local.get $indices) (local.get $found)))
        (local.set $total (i32.add (local.get $total) (local.get $count)))
        (i32.store (local.get $ends) (local.get $total))
        (local.set $values (i32.add (local.get $values) (local.get $bytes)))
        (local.set $indices (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $found (i32.add (local.get $found) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $each))))

  ;; How many of the numbers up to $end exceed $limit, as bit patterns: of positive ones the order is that of their values,
  ;; and what is not positive comes below them, or is 0.
  (func $exceeding (param $at i32) (param $end i32) (param $limit i32) (result i32)
    (local $limits v128) (local $counts v128)
    (local.set $limits (i32x4.splat (local.get $limit)))
    (block $done
      (loop $four
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        ;; A comparison that holds is −1.
        (local.set $counts
          (i32x4.sub (local.get $counts) (i32x4.gt_s (v128.load (local.get $at)) (local.get $limits))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $four)))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $counts)) (i32x4.extract_lane 1 (local.get $counts)))
      (i32.add (i32x4.extract_lane 2 (local.get $counts)) (i32x4.extract_lane 3 (local.get $counts)))))

  ;; The least bit pattern that no more than $k numbers exceed, or one that just $k exceed.
  (func $limit (param $values i32) (param $end i32) (param $k i32) (result i32)
    (local $low i32) (local $high i32) (local $middle i32) (local $above i32)
    (if (i32.le_u (call $exceeding (local.get $values) (local.get $end) (i32.const 0)) (local.get $k))
      (then (return (i32.const 0))))
    ;; More than $k exceed $low; none exceeds $high, which is infinity.
    (local.set $high (i32.const 0x7f800000))
    (block $done
      (loop $halve
        (br_if $done (i32.le_s (i32.sub (local.get $high) (local.get $low)) (i32.const 1)))
        (local.set $middle
          (i32.add (local.get $low) (i32.shr_u (i32.sub (local.get $high) (local.get $low)) (i32.const 1))))
        (local.set $above (call $exceeding (local.get $values) (local.get $end) (local.get $middle)))
        (if (i32.eq (local.get $above) (local.get $k)) (then (return (local.get $middle))))
        (if (i32.gt_u (local.get $above) (local.get $k))
          (then (local.set $low (local.get $middle)))
          (else (local.set $high (local.get $middle))))
        (br $halve)))
    (local.get $high))

  ;; Keeps of $count numbers, none of them NaN, the $k largest, so far as they are positive, with their $indices, in place
  ;; and in order; of equal ones the first. Writes 16 bytes behind the numbers. Returns how many are kept.
  (func $keep (export "keep") (param $values i32) (param $indices i32) (param $count i32) (param $k i32) (result i32)
    (local $end i32) (local $at i32) (local $limit i32) (local $ties i32) (local $bits i32) (local $kept i32) (local $keep i32)
    (local.set $end (i32.add (local.get $values) (i32.shl (local.get $count) (i32.const 2))))
    (v128.store (local.get $end) (v128.const i32x4 0 0 0 0))
    (local.set $limit (call $limit (local.get $values) (local.get $end) (local.get $k)))
    (local.set $ties
      (select
        (i32.sub (local.get $k) (call $exceeding (local.get $values) (local.get $end) (local.get $limit)))
        (i32.const 0)
        (i32.gt_s (local.get $limit) (i32.const 0))))
    (block $done
      (loop $each
        (br_if $done (i32.ge_u (local.get $at) (local.get $count)))
        (local.set $bits (i32.load (i32.add (local.get $values) (i32.shl (local.get $at) (i32.const 2)))))
        (local.set $keep (i32.gt_s (local.get $bits) (local.get $limit)))
        (if (i32.and (i32.eq (local.get $bits) (local.get $limit)) (i32.gt_s (local.get $ties) (i32.const 0)))
          (then
            (local.set $keep (i32.const 1))
            (local.set $ties (i32.sub (local.get $ties) (i32.const 1)))))
        (i32.store (i32.add (local.get $values) (i32.shl (local.get $kept) (i32.const 2))) (local.get $bits))
        (i32.store
          (i32.add (local.get $indices) (i32.shl (local.get $kept) (i32.const 2)))
          (i32.load (i32.add (local.get $indices) (i32.shl (local.get $at) (i32.const 2)))))
        (local.set $kept (i32.add (local.get $kept) (local.get $keep)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $each)))
    (local.get $kept))

  ;; The least of $count numbers.
  (func $least (param $found i32) (param $count i32) (result f32)
    (local $end i32) (local $least f32)
    (local.set $end (i32.add (local.get $found) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $least (f32.const inf))
    (loop $each
      (local.set $least (f32.min (local.get $least) (f32.load (local.get $found))))
      (local.set $found (i32.add (local.get $found) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $found) (local.get $end))))
    (local.get $least))

  ;; Numbers of a row above 0.9 or 0.7 of $last, or above 0: the first of these that leaves $k at least, as in `above`.
  ;; $limits: a place of 64 bytes.
  (func $guess
    (param $values i32) (param $bytes i32) (param $limits i32) (param $k i32) (param $last f32)
    (param $indices i32) (param $found i32) (result i32)
    (local $share f32) (local $limit v128) (local $count i32)
    (local.set $share (f32.const 0.9))
    (loop $try
      (local.set $limit (f32x4.splat (f32.mul (local.get $share) (local.get $last))))
      (v128.store (local.get $limits) (local.get $limit))
      (v128.store offset=16 (local.get $limits) (local.get $limit))
      (v128.store offset=32 (local.get $limits) (local.get $limit))
      (v128.store offset=48 (local.get $limits) (local.get $limit))
      (local.set $count
        (call $above (local.get $values) (local.get $bytes) (local.get $limits) (i32.const 0)
          (local.get $indices) (local.get $found)))
      (if (i32.and
            (i32.lt_u (local.get $count) (local.get $k))
            (f32.gt (f32x4.extract_lane 0 (local.get $limit)) (f32.const 0)))
        (then
          (local.set $share (select (f32.const 0.7) (f32.const 0) (f32.gt (local.get $share) (f32.const 0.8))))
          (br $try))))
    (local.get $count))

  ;; The $k largest of each of $rows rows, so far as they are positive, as `keep` has them; places as in `rows`. $last: what
  ;; the k-th largest of the row before was, 0 where that is not known. Returns that of the last row.
  (func (export "largest")
    (param $values i32) (param $rows i32) (param $bytes i32) (param $limits i32) (param $k i32) (param $last f32)
    (param $indices i32) (param $found i32) (param $ends i32) (result f32)
    (local $count i32) (local $total i32)
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $count
          (call $keep
            (local.get $found)
            (local.get $indices)
            (call $guess (local.get $values) (local.get $bytes) (local.get $limits) (local.get $k) (local.get $last)
              (local.get $indices) (local.get $found))
            (local.get $k)))
        (local.set $last (f32.const 0))
        (if (i32.eq (local.get $count) (local.get $k))
          (then (local.set $last (call $least (local.get $found) (local.get $count)))))
        (local.set $total (i32.add (local.get $total) (local.get $count)))
        (i32.store (local.get $ends) (local.get $total))
        (local.set $values (i32.add (local.get $values) (local.get $bytes)))
        (local.set $indices (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $found (i32.add (local.get $found) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $each)))
    (local.get $last)))
