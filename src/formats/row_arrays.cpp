// SPDX-License-Identifier: Apache-2.0
#include "formats/row_arrays.hpp"

#include <utility>

#include "chronograd/stack.hpp"

namespace chronograd {

std::set<std::string> further_arrays(const FileNeeds& needs) {
  std::set<std::string> names = {"mask", "lengths", "reset", "third"};
  for (int l = 0; l < needs.layers; ++l)
    for (const std::string& state : needs.states) names.insert(layer_name(state, l));
  return names;
}

RowArrays row_arrays(Arrays arrays) {
  RowArrays out;
  const auto own = std::make_shared<const Arrays>(std::move(arrays));
  for (const auto& [name, array] : *own)
    if (array.refusal.empty())
      out.views.emplace(name, ArrayView::of(array));
    else
      out.refused.emplace(name, array.refusal);
  out.owner = own;
  return out;
}

RowArrays row_arrays(const RowsView& rows) {
  RowArrays out{rows.states};
  for (const auto& [name, view] :
       {std::pair{"x", &rows.x}, std::pair{"y", &rows.y}, std::pair{"mask", &rows.mask},
        std::pair{"lengths", &rows.lengths}, std::pair{"reset", &rows.reset}, std::pair{"third", &rows.third}})
    if (view->data != nullptr) out.views.emplace(name, *view);
  return out;
}

}  // namespace chronograd
