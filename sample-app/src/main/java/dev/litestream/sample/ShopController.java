package dev.litestream.sample;

import java.util.Objects;

import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.StringUtils;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.ModelAndView;

/**
 * The shop's page and its form.
 */
@Controller
class ShopController {

	private static final int NEWEST = 30;

	private final Shop shop;

	private final ReplicationStatus replication;

	ShopController(Shop shop, ReplicationStatus replication) {
		this.shop = shop;
		this.replication = replication;
	}

	@GetMapping("/")
	String page(Model model) {
		model.addAttribute("form", PurchaseForm.empty());
		return fill(model);
	}

	@PostMapping("/orders")
	ModelAndView place(@Valid @ModelAttribute("form") PurchaseForm form, BindingResult result, Model model) {
		if (!result.hasErrors() && this.shop
			.place(trim(form.customer()), trim(form.town()), Objects.requireNonNull(form.coffee()),
					Objects.requireNonNull(form.bags()), emptyToNull(form.note()))
			.isEmpty()) {
			result.rejectValue("coffee", "unknown", "We do not have this coffee");
		}
		if (result.hasErrors()) {
			return new ModelAndView(fill(model), HttpStatus.UNPROCESSABLE_CONTENT);
		}
		return new ModelAndView("redirect:/#orders");
	}

	@PostMapping("/orders/{id}/advance")
	String advance(@PathVariable long id, @RequestParam Purchase.Status from) {
		this.shop.advance(id, from);
		return "redirect:/#order-" + id;
	}

	@GetMapping("/totals")
	@ResponseBody
	ShopTotals totals() {
		return this.shop.totals();
	}

	private String fill(Model model) {
		model.addAttribute("coffees", this.shop.coffees());
		model.addAttribute("orders", this.shop.newest(NEWEST));
		model.addAttribute("totals", this.shop.totals());
		model.addAttribute("databases", this.replication.databases());
		model.addAttribute("pid", ProcessHandle.current().pid());
		return "shop";
	}

	private static String trim(@Nullable String text) {
		return (text != null) ? text.strip() : "";
	}

	private static @Nullable String emptyToNull(@Nullable String text) {
		return StringUtils.hasText(text) ? trim(text) : null;
	}

}
